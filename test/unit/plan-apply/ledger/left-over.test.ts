import { describe, expect, it } from "vitest";
import { DeniedError } from "../../../../src/errors.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { formatLedger, parseLedger } from "../../../../src/plan-apply/ledger/format.ts";
import { markLeftOvers, newLedger, updateLedger } from "../../../../src/plan-apply/ledger/ledger.ts";
import { leftOverIn, observeLeftOvers } from "../../../../src/plan-apply/ledger/left-over.ts";
import { cachedReader } from "../../../../src/plan-apply/observe.ts";
import type { Answer, Vault } from "../../../../src/vault/client.ts";
import { desiredOf } from "../../desired/desired.ts";

const hcl = `hcl: 'path "a" { capabilities = ["read"] }'`;
const itemsIn = (...names: string[]) =>
  desiredOf({ "a.yaml": `policies: { ${names.map((name) => `${name}: { ${hcl} }`)} }` }).items;
const empty = newLedger("cluster-1");
const ledgerOf = (items: readonly Item[]) =>
  updateLedger(
    empty,
    empty,
    items.map((item) => ({ item, op: "create" })),
  );

/** A Vault that returns these answers by path, and counts as denied where the answer is an error. */
function vaultWith(answers: Readonly<Record<string, Answer | Error>>): Vault {
  const read = async (path: string) => {
    const answer = answers[path];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { name: "vault-0", read } as unknown as Vault;
}

const observe = (answers: Parameters<typeof vaultWith>[0], before: readonly Item[], now: readonly Item[]) =>
  observeLeftOvers(cachedReader(vaultWith(answers)), ledgerOf(before), now, 4);

describe("objects that are no longer declared", () => {
  it("are left over as long as Vault has them, or does not let them be read", async () => {
    const found = await observe(
      { "sys/policies/acl/kept": { data: { policy: "" } }, "sys/policies/acl/hidden": new DeniedError("denied") },
      itemsIn("declared", "kept", "hidden", "removed"),
      itemsIn("declared"),
    );

    expect(found.leftOver).toEqual([
      { kind: "policy", path: "sys/policies/acl/hidden", created: true },
      { kind: "policy", path: "sys/policies/acl/kept", created: true },
    ]);
    expect([...found.gone]).toEqual(["sys/policies/acl/removed"]);
  });

  it("are not those whose names differ only in case, where Vault ignores case", async () => {
    const role = (name: string) =>
      desiredOf({ "a.yaml": `auth: { a: { type: approle, roles: { ${name}: {} } } }` }).items;

    const { leftOver, gone } = await observe({}, role("Dev"), role("dev"));

    expect([leftOver, [...gone]]).toEqual([[], []]);
  });

  it("are looked up in their namespace", async () => {
    const inside = desiredOf({ "a.yaml": `namespaces: { team: { policies: { p: { ${hcl} } } } }` }).items;
    const answers = {
      "sys/namespaces/team": { data: {} },
      "team/sys/policies/acl/p": { data: { policy: "" } },
    };

    const { leftOver } = await observe(answers, inside, []);

    expect(leftOver.map(({ path }) => path)).toEqual(["sys/namespaces/team", "team/sys/policies/acl/p"]);
  });

  it("are unknown without a ledger", async () => {
    const found = await observeLeftOvers(cachedReader(vaultWith({})), undefined, itemsIn("a"), 4);

    expect(found).toEqual({ leftOver: [], gone: new Set() });
  });
});

describe("markLeftOvers", () => {
  const ledger = ledgerOf(itemsIn("a", "b", "c"));
  const none: ReadonlySet<string> = new Set();

  it("marks what is no longer declared, and removes what is gone", () => {
    const marked = markLeftOvers(ledger, itemsIn("a"), new Set(["sys/policies/acl/c"]));

    expect([...marked.objects.keys()]).toEqual(["sys/policies/acl/a", "sys/policies/acl/b"]);
    expect(leftOverIn(marked)).toEqual([{ kind: "policy", path: "sys/policies/acl/b", created: true }]);
  });

  it("takes the mark from what is declared again", () => {
    const marked = markLeftOvers(ledger, itemsIn("a"), none);

    expect(leftOverIn(markLeftOvers(marked, itemsIn("a", "b", "c"), none))).toEqual([]);
  });

  it("returns the same ledger if nothing changes", () => {
    const marked = markLeftOvers(ledger, itemsIn("a"), none);

    expect(markLeftOvers(ledger, itemsIn("a", "b", "c"), none)).toBe(ledger);
    expect(markLeftOvers(marked, itemsIn("a"), none)).toBe(marked);
  });

  it("keeps a declared object that another run removed from Vault", () => {
    expect(markLeftOvers(ledger, itemsIn("a", "b", "c"), new Set(["sys/policies/acl/c"])).objects.size).toBe(3);
  });

  it("makes marks that the stored ledger keeps, as it keeps the URL of the Kubernetes API", () => {
    const marked = { ...markLeftOvers(ledger, itemsIn("a"), none), kubernetesHost: "https://kubernetes.default.svc" };

    expect(parseLedger(formatLedger(marked))).toEqual(marked);
  });
});
