import { expect, it } from "vitest";
import type { Cluster } from "../../../src/connect/connection.ts";
import { type Login, readerLogin, writerLogin } from "../../../src/login/definition.ts";
import { explainDenied } from "../../../src/login/explain-denied.ts";
import type { Vault } from "../../../src/vault/client.ts";
import { VaultError } from "../../../src/vault/error.ts";

const denied = new VaultError("write auth/vault-hooks/login", 403, ["service account name not authorized"]);
const noRole = new VaultError("write auth/vault-hooks/login", 400, ['invalid role name "plan"']);

/** Custody has no root token, and the server allows generate-root. */
const kube = { secret: async () => undefined };
const vault = { name: "vault-0", read: async () => ({}) } as unknown as Vault;

async function explain(login: Login, error: VaultError, tokenFile?: string) {
  const settings = { namespace: "team", custodyNamespace: "vault-custody", tokenFile };
  const {
    exitCode,
    message,
    todo = "",
  } = await explainDenied({ run: { settings }, kube } as unknown as Cluster, vault, login, error);
  return { exitCode, message, todo };
}

it.each([
  [readerLogin, denied, 5],
  [readerLogin, noRole, 4],
  [writerLogin, denied, 5],
] as const)(
  "a denied --token-file is named, with the ServiceAccount that it must be of: %j %s",
  async (login, error, code) => {
    const { exitCode, message } = await explain(login, error, "/tmp/token");

    expect(exitCode).toBe(code);
    expect(message).toContain(
      `log in to Vault with the token of --token-file, which must be of ServiceAccount team/${login.serviceAccount}: `,
    );
    expect(message).not.toContain("as ServiceAccount");
  },
);

it("without --token-file the ServiceAccount that was used is named", async () => {
  const { message } = await explain(readerLogin, denied);

  expect(message).toContain("log in to Vault as ServiceAccount team/vault-hooks-plan: ");
  expect(message).not.toContain("--token-file");
});

it.each([
  ["with", "/tmp/token"],
  ["without", undefined],
])("a denied reader is advised to run configure, never to make a root token, %s --token-file", async (_, tokenFile) => {
  for (const error of [denied, noRole]) {
    const { todo } = await explain(readerLogin, error, tokenFile);

    expect(todo).toMatch(/run configure/i);
    expect(todo).not.toMatch(/root token|generate-root|delete/i);
  }
});

it("a denied reader with --token-file is advised how to make the right token", async () => {
  expect((await explain(readerLogin, denied, "/tmp/token")).todo).toContain(
    "`kubectl -n team create token vault-hooks-plan --audience=vault-hooks`",
  );
});

it("a denied writer is advised to make a root token", async () => {
  expect((await explain(writerLogin, denied)).todo).toContain("a root token from the unseal keys");
});
