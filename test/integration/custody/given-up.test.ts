import { afterAll, beforeAll, describe, it } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Verdict } from "./attacker.ts";
import {
  everybody,
  expectAllowed,
  expectRefused,
  fingerprint,
  init,
  keys,
  namespace,
  type ProtectedCustody,
  remove,
  share,
  startProtectedCustody,
} from "./protected-custody.ts";

let custody: ProtectedCustody;

beforeAll(async () => {
  custody = await startProtectedCustody();
});
afterAll(() => custody.close());

describe("a deletion of the keys by init", () => {
  const withGit = (text: string) =>
    custody.kube.apply(
      JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "vault-hooks-config", namespace: "vault" },
        data: { "policies.yaml": "policies: {}\n", "recovery.yaml": text },
      }),
    );
  const attempt = { ...remove(keys), dryRun: true };

  /** The API server takes up a changed ConfigMap a moment later. */
  async function untilDecided(allowed: boolean): Promise<Verdict> {
    return await until(`init to be ${allowed ? "allowed" : "refused"}`, deadlineIn(60_000), async () => {
      const verdict = await custody.send("init", attempt);
      return verdict.status < 300 === allowed ? verdict : undefined;
    });
  }

  it("is refused while the ConfigMap with Git's declarations does not exist", async () => {
    expectRefused(await untilDecided(false), "no params found for policy binding", 422);
  });

  it.each([
    ["nothing", "secrets: {}\n"],
    ["another fingerprint", 'recovery:\n  acceptDataLoss: "fedcba9876543210"\n'],
    ["the fingerprint in another declaration", `recovery:\n  remakeUnused: "${fingerprint}"\n`],
    ["a longer fingerprint", `recovery:\n  acceptDataLoss: "${fingerprint}0"\n`],
    ["another fingerprint before this one", `recovery: {acceptDataLoss: fedcba9876543210} # ${fingerprint}\n`],
  ])("is refused while Git declares %s", async (_, text) => {
    await withGit(`recovery: {acceptDataLoss: "${fingerprint}"}\n`);
    await untilDecided(true);
    await withGit(text);

    expectRefused(await untilDecided(false), "Git does not accept the loss of these unseal keys");
  });

  it.each([
    ["in double quotes", `recovery:\n  acceptDataLoss: "${fingerprint}"\n`],
    ["in single quotes", `recovery:\n  acceptDataLoss: '${fingerprint}'\n`],
    ["on one line", `recovery: {acceptDataLoss: ${fingerprint}}\n`],
    ["as JSON", `{"recovery":{"acceptDataLoss":"${fingerprint}"}}`],
    ["on the next line", `recovery:\n  acceptDataLoss:\n    "${fingerprint}"\n`],
    ["as a block", `recovery:\n  acceptDataLoss: >-\n    ${fingerprint}\n`],
  ])("is allowed once Git accepts the loss of these keys, written %s, and to nobody else", async (_, text) => {
    await withGit("secrets: {}\n");
    await untilDecided(false);
    await withGit(text);

    expectAllowed(await untilDecided(true));
    for (const who of everybody.filter((each) => each !== "init")) {
      expectRefused(await custody.send(who, attempt), `Only ${init} may delete it`);
    }
    const collection = {
      ...remove(`${namespace}/secrets?fieldSelector=metadata.name=vault-unseal-keys`),
      dryRun: true,
    };
    expectRefused(await custody.send("init", collection), `Only ${init} may delete it`);
  });

  it("needs some declaration when a person stored the keys without the annotation", async () => {
    const name = "vault-unseal-keys";
    const stored = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "vault-custody" } };
    await withGit('recovery: {acceptDataLoss: "fedcba9876543210"}\n');
    await untilDecided(false);
    await withGit(`recovery: {acceptDataLoss: "${fingerprint}"}\n`);
    await untilDecided(true);
    const uid = ((await custody.read(keys))["metadata"] as { uid: string }).uid;
    expectAllowed(await custody.send("init", remove(keys, { preconditions: { uid } })));
    await custody.send("a cluster administrator", {
      method: "POST",
      path: `${namespace}/secrets`,
      body: { ...stored, data: { "share-0": share } },
    });

    expectAllowed(await untilDecided(true));
    await withGit("secrets: {}\n");
    expectRefused(await untilDecided(false), "Git does not accept the loss of these unseal keys");
  });
});
