import { expect, it } from "vitest";
import type { Cluster } from "../../../src/connect/connection.ts";
import { NotReadyError, RefusedError } from "../../../src/errors.ts";
import { errorOf } from "../../../src/kube/failure.ts";
import { type Login, readerLogin, writerLogin } from "../../../src/login/definition.ts";
import { withLogin } from "../../../src/login/login.ts";
import type { Vault } from "../../../src/vault/client.ts";

/** A run on a laptop, whose cluster has no ServiceAccount for this program. */
const cluster = {
  run: { settings: { namespace: "team", tokenFile: undefined } },
  kube: {
    async token(namespace: string, name: string): Promise<string> {
      const reason = `serviceaccounts "${name}" not found`;
      throw errorOf(
        { verb: "create", kind: "token of ServiceAccount", resource: "serviceaccounts/token", namespace, name },
        { status: 404, reason, transient: false, answerLost: false, fromKubernetes: true },
        { server: "https://kubernetes.example", inCluster: false },
      );
    },
  },
} as unknown as Cluster;

const failureAs = async (login: Login): Promise<unknown> =>
  await withLogin(cluster, {} as Vault, login, async () => "done").catch((error: unknown) => error);

it("a login as the reader is refused, with a hint, while its ServiceAccount does not exist", async () => {
  const error = await failureAs(readerLogin);

  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("ServiceAccount team/vault-hooks-plan"),
    todo: expect.stringMatching(/Sync hooks\/.*run configure.*kubectl -n team create serviceaccount vault-hooks-plan/),
  });
});

it("a login as the writer is not ready while its ServiceAccount does not exist", async () => {
  const error = await failureAs(writerLogin);

  expect(error).toBeInstanceOf(NotReadyError);
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining('"vault-hooks-configure" not found') });
});
