import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointKind } from "../../../../src/kinds/model/endpoint.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { duration, json, object, string } from "../../../../src/kinds/model/spec.ts";
import { formatLedger, maxLedgerBytes, parseLedger } from "../../../../src/plan-apply/ledger/format.ts";
import {
  type Ledger,
  needsLedger,
  newLedger,
  type Settled,
  updateLedger,
  withWriteOnly,
} from "../../../../src/plan-apply/ledger/ledger.ts";
import { desiredOf } from "../../desired/desired.ts";

const spec = object("one connection", {
  url: string("where"),
  password: string("with what", { writeOnly: true }),
  wait: duration("how long", { writeOnly: true }),
  more: json("anything", { writeOnly: true }),
  seed: string("made with", { writeOnly: true, createOnly: true }),
  inner: object("within", { pin: string("hidden", { writeOnly: true }) }),
});
const kind = { ...endpointKind({ kind: "connection", path: "config", spec }), fields: spec.fields };

function item(desired: Record<string, unknown>, path = "db/config/a"): Item {
  return { kind, path, desired, at: { file: "a.yaml", line: 1, column: 1 } };
}

const empty = newLedger("cluster-1");
const ledgerOf = (...standing: Settled[]) => updateLedger(empty, empty, standing);
const created = (desired: Record<string, unknown>, path?: string): Settled => ({
  item: item(desired, path),
  did: "create",
});
const fieldsOf = (difference: ReturnType<typeof withWriteOnly>) =>
  difference === undefined || difference.op === "refuse" ? undefined : difference.fields.map(({ field }) => field);

describe("a write-only field", () => {
  const ledger = ledgerOf(created({ url: "u", password: "old secret", inner: { pin: "1234" } }));

  test("that is the one written last is no difference", () => {
    const same = item({ url: "u", password: "old secret", inner: { pin: "1234" } });

    expect(withWriteOnly(ledger, same, undefined)).toBeUndefined();
  });

  test("that changed in Git is a difference that shows no value", () => {
    const changed = item({ url: "u", password: "new secret", inner: { pin: "1234" } });

    const difference = withWriteOnly(ledger, changed, undefined);

    expect(difference).toEqual({
      op: "update",
      fields: [{ field: "password", secret: true, writeOnly: true, note: "differs" }],
    });
  });

  test("that changed within an object is one too", () => {
    const changed = item({ url: "u", password: "old secret", inner: { pin: "9999" } });

    expect(fieldsOf(withWriteOnly(ledger, changed, undefined))).toEqual(["inner.pin"]);
  });

  test("of a raw path tells with it what the write may reset, and is refused where that would round a number", () => {
    const rawItem = (secret: string, keep: boolean) => {
      const data = `{ data: { host: a }, write_only: { jwt: ${secret} }, keep: ${keep} }`;
      return desiredOf({ "a.yaml": `raw: { auth/k/config: ${data} }` }).items[0] as Item;
    };
    const before = ledgerOf({ item: rawItem("one", false), did: "create" });
    const live = { host: "a", issuer: "by-hand", count: 2 ** 60 };

    expect(fieldsOf(withWriteOnly(before, rawItem("one", false), undefined, live))).toBeUndefined();
    expect(fieldsOf(withWriteOnly(before, rawItem("two", false), undefined, live))).toEqual([
      ...["write_only", "data.issuer", "data.count"],
    ]);
    expect(withWriteOnly(before, rawItem("two", true), undefined, live)?.op).toBe("refuse");
  });

  test("comes after the differences that can be seen", () => {
    const seen = { op: "update", fields: [{ field: "url", before: "u", after: "v" }] } as const;

    expect(fieldsOf(withWriteOnly(ledger, item({ url: "v", password: "x" }), seen))).toEqual(["url", "password"]);
  });

  test("of which the ledger knows nothing is written: it was declared since", () => {
    expect(fieldsOf(withWriteOnly(ledger, item({ url: "u", wait: "1h" }), undefined))).toEqual(["wait"]);
    expect(fieldsOf(withWriteOnly(ledger, item({ password: "a" }, "db/config/b"), undefined))).toEqual(["password"]);
  });

  test("that Vault has replaced since is written only if it is known to have changed", () => {
    const renewing = { ...item({ password: "old secret" }), kind: { ...kind, rotated: () => ["password"] } };
    const known = ledgerOf({ item: item({ password: "older secret" }), did: "create" });

    expect(withWriteOnly(empty, renewing, undefined, { url: "u" })).toBeUndefined();
    expect(fieldsOf(withWriteOnly(known, renewing, undefined, { url: "u" }))).toEqual(["password"]);
  });

  test("is not written for a ledger that was lost, and is known from then on", () => {
    const declared = item({ password: "old secret" });
    const rebuilt = updateLedger(empty, empty, [{ item: declared, did: "nothing" }]);

    expect(withWriteOnly(undefined, declared, undefined)).toBeUndefined();
    expect(withWriteOnly(rebuilt, declared, undefined)).toBeUndefined();
    expect(fieldsOf(withWriteOnly(rebuilt, item({ password: "new secret" }), undefined))).toEqual(["password"]);
  });

  test.each([
    ["a duration", { wait: "24h" }, { wait: 86_400 }],
    ["an object's keys in another order", { more: { a: 1, b: { c: 2, d: 3 } } }, { more: { b: { d: 3, c: 2 }, a: 1 } }],
  ])("is the same however it is written: %s", (_what, one, other) => {
    expect(withWriteOnly(ledgerOf(created(one)), item(other), undefined)).toBeUndefined();
  });

  test("keeps its every character: a blank at the end may be part of a password", () => {
    expect(fieldsOf(withWriteOnly(ledgerOf(created({ password: "a" })), item({ password: "a " }), undefined))).toEqual([
      "password",
    ]);
  });

  test("that Vault cannot change is refused, unless nothing is known of it", () => {
    const known = ledgerOf(created({ seed: "first" }));

    const refused = withWriteOnly(known, item({ seed: "second" }), undefined);

    expect(refused).toMatchObject({ op: "refuse", reason: expect.stringContaining("db/config/a: seed is not what") });
    expect(JSON.stringify(refused)).not.toMatch(/first|second/);
    expect(withWriteOnly(empty, item({ seed: "second" }), undefined)).toBeUndefined();
  });

  test("is all that makes a plan read the ledger", () => {
    expect(needsLedger([item({ url: "u" })])).toBe(false);
    expect(needsLedger([item({ inner: { pin: "1" } })])).toBe(true);
  });
});

describe("the hashes", () => {
  test("tell nothing of the value, and differ for the same value elsewhere and in another ledger", () => {
    const pair = [created({ password: "guess me" }, "a"), created({ password: "guess me" }, "b")];
    const one = updateLedger(empty, empty, pair);
    const other = newLedger("cluster-1");
    const all = [one, updateLedger(other, other, pair)].flatMap(({ objects }) =>
      [...objects.values()].flatMap(({ hashes }) => Object.values(hashes)),
    );

    expect(new Set(all).size).toBe(4);
    expect(JSON.stringify(formatLedger(one))).not.toContain("guess");
  });
});

describe("the record of a run", () => {
  test("is the ledger itself where nothing is new, so that nothing is written", () => {
    const ledger = ledgerOf(created({ password: "a" }));

    expect(updateLedger(ledger, ledger, [{ item: item({ password: "a" }), did: "nothing" }])).toBe(ledger);
  });

  test("keeps what failed as it was, and what is no longer declared", () => {
    const ledger = ledgerOf(created({ password: "a" }, "kept"), created({ password: "a" }, "failed"));

    const next = updateLedger(ledger, ledger, [created({ password: "b" }, "new")]);

    expect([...next.objects.keys()].sort()).toEqual(["failed", "kept", "new"]);
    expect(next.objects.get("failed")).toEqual(ledger.objects.get("failed"));
  });

  test("tells what was made from what was found, also after later changes", () => {
    const found: Settled = { item: item({}, "found"), did: "nothing" };
    const first = ledgerOf(created({}, "made"), found);
    const second = updateLedger(first, first, [
      { item: item({}, "made"), did: "update" },
      { item: item({}, "found"), did: "update" },
    ]);

    expect(second.objects.get("made")).toMatchObject({ kind: "connection", made: true });
    expect(second.objects.get("found")).toMatchObject({ made: false });
  });

  test("forgets a field that is no longer declared", () => {
    const ledger = ledgerOf(created({ password: "a", wait: 1 }));

    const next = updateLedger(ledger, ledger, [{ item: item({ wait: 1 }), did: "nothing" }]);

    expect(Object.keys(next.objects.get("db/config/a")?.hashes ?? {})).toEqual(["wait"]);
  });
});

describe("two runs at once", () => {
  const before = ledgerOf(created({ password: "old" }));
  const update = (password: string): Settled => ({ item: item({ password }), did: "update" });
  const record2 = (now: Ledger, mine: Settled) => updateLedger(now, before, [mine]);

  test("that wrote different values leave none known, so that the next run writes again", () => {
    const theirs = updateLedger(before, before, [update("theirs")]);

    const both = record2(theirs, update("mine"));

    expect(fieldsOf(withWriteOnly(both, item({ password: "mine" }), undefined))).toEqual(["password"]);
    expect(fieldsOf(withWriteOnly(both, item({ password: "theirs" }), undefined))).toEqual(["password"]);
  });

  test("that wrote the same value agree", () => {
    const theirs = updateLedger(before, before, [update("same")]);

    expect(record2(theirs, update("same"))).toBe(theirs);
  });

  test("do not undo each other: who wrote nothing keeps what the other recorded", () => {
    const theirs = updateLedger(before, before, [update("theirs")]);

    expect(record2(theirs, { item: item({ password: "old" }), did: "nothing" })).toBe(theirs);
  });

  test("add up, also where one of them began a new ledger with another key", () => {
    const anew = newLedger("cluster-1");
    const theirs = updateLedger(anew, anew, [created({ password: "b" }, "theirs")]);

    const both = updateLedger(theirs, before, [update("mine")]);

    expect(withWriteOnly(both, item({ password: "mine" }), undefined)).toBeUndefined();
    expect(withWriteOnly(both, item({ password: "b" }, "theirs"), undefined)).toBeUndefined();
  });
});

describe("the Secret", () => {
  const compressed = (value: unknown) => gzipSync(JSON.stringify(value)).toString("base64");

  test("gives back what was put into it", () => {
    const text = fc.string({ unit: "binary" });
    const recorded = fc.record({ kind: text, made: fc.boolean(), hashes: fc.dictionary(text, text) });
    const objects = fc.array(fc.tuple(text, recorded)).map((entries) => new Map(entries));

    fc.assert(
      fc.property(objects, (each) => {
        const ledger = { ...empty, objects: each };
        expect(parseLedger(formatLedger(ledger))).toEqual(ledger);
      }),
    );
  });

  test.each([
    ["nothing", {}],
    ["no map of objects", { ...formatLedger(empty), objects: compressed({ version: 1 }) }],
    ["no key", { ...formatLedger(empty), key: "" }],
    ["what is not compressed", { ...formatLedger(empty), objects: "e30=" }],
    ["a version that is not known", { ...formatLedger(empty), objects: compressed({ version: 2, objects: {} }) }],
    ["no cluster", { ...formatLedger(empty), cluster: "" }],
  ])("counts as lost where it holds %s", (_what, data) => {
    expect(parseLedger(data)).toBeUndefined();
  });

  test("holds ten thousand objects, each with a hash and a name by chance, within 1 MiB", () => {
    const standing = Array.from({ length: 10_000 }, (_, n) =>
      created({ password: `secret ${n}` }, `databases/mount-${n % 3}/config/${randomUUID()}`),
    );

    const data = formatLedger(updateLedger(empty, empty, standing));

    const size = Object.values(data).join("").length;
    expect(size).toBeLessThan(0.75 * maxLedgerBytes);
    expect(parseLedger(data)?.objects.size).toBe(10_000);
  });
});
