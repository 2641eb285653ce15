import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Attempt } from "./attacker.ts";
import {
  archive,
  emptyConfig,
  everybody,
  expectRefused,
  init,
  journal,
  keys,
  namespace,
  type ProtectedCustody,
  record,
  remove,
  share,
  startProtectedCustody,
} from "./protected-custody.ts";

let custody: ProtectedCustody;

beforeAll(async () => {
  custody = await startProtectedCustody([emptyConfig]);
});
afterAll(() => custody.close());

const deletions: [what: string, attempt: Attempt, message: string][] = [
  [
    "the namespace",
    remove(namespace),
    "Namespace vault-custody holds the unseal keys of Vault, and nobody may delete it",
  ],
  ["the namespace in the foreground", remove(namespace, { propagationPolicy: "Foreground" }), "nobody may delete it"],
  ["the namespace at once", remove(namespace, { gracePeriodSeconds: 0 }), "nobody may delete it"],
  ["the archive", remove(archive), "vault-unseal-keys-archive belongs to the unseal keys of Vault, and nobody may"],
  ["the archive, leaving dependents", remove(archive, { propagationPolicy: "Orphan" }), "nobody may delete it"],
  ["the record", remove(record), "vault-init-record belongs to the unseal keys of Vault, and nobody may delete it"],
  ["all ConfigMaps", remove(`${namespace}/configmaps`), "vault-init-record belongs to the unseal keys of Vault"],
  ["all Secrets", remove(`${namespace}/secrets`), "unseal keys of Vault"],
  ["the journal", remove(journal), "vault-init-answer may hold the only copy of the unseal keys of Vault. Run init"],
];

describe("a deletion is refused to everybody:", () => {
  it.each(everybody.flatMap((who) => deletions.map((each) => [who, ...each] as const)))(
    "%s deletes %s",
    async (who, _, attempt, message) => {
      const before = await custody.objects();

      const verdict = await custody.send(who, attempt);

      expectRefused(verdict, message);
      expect(await custody.objects()).toEqual(before);
    },
  );
});

describe("a deletion of the keys is refused to everybody but init:", () => {
  const options = [{}, { propagationPolicy: "Foreground" }, { propagationPolicy: "Orphan" }, { gracePeriodSeconds: 0 }];

  it.each(everybody.filter((who) => who !== "init"))("%s deletes the keys", async (who) => {
    for (const each of options) {
      const verdict = await custody.send(who, remove(keys, each));

      expectRefused(verdict, `vault-unseal-keys holds the unseal keys of Vault. Only ${init} may delete it`);
    }
    expect(await custody.read(keys)).toMatchObject({ data: { "share-0": share } });
  });

  it("even when it names the UID, as the garbage collector does", async () => {
    const { uid } = (await custody.read(keys))["metadata"] as { uid: string };

    const verdict = await custody.send("the garbage collector", remove(keys, { preconditions: { uid } }));

    expectRefused(verdict, `Only ${init} may delete it`);
  });
});
