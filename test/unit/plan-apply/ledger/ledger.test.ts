import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointKind } from "../../../../src/kinds/model/endpoint.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { SecretReference } from "../../../../src/kinds/model/secret-reference.ts";
import { duration, json, list, object, string } from "../../../../src/kinds/model/spec.ts";
import { writeOnlyIn } from "../../../../src/kinds/model/write-only-fields.ts";
import { formatLedger, maxLedgerBytes, parseLedger } from "../../../../src/plan-apply/ledger/format.ts";
import { type Ledger, newLedger, type Settled, updateLedger } from "../../../../src/plan-apply/ledger/ledger.ts";
import { addWriteOnlyChanges, needsLedger } from "../../../../src/plan-apply/ledger/write-only-changes.ts";
import { desiredOf } from "../../desired/desired.ts";

const spec = object("one connection", {
  url: string("URL"),
  password: string("password", { writeOnly: true }),
  wait: duration("timeout", { writeOnly: true }),
  more: json("options", { writeOnly: true }),
  env: list("environment", { ordered: true, writeOnly: true }),
  names: list("names", { writeOnly: true }),
  seed: string("seed", { writeOnly: true, createOnly: true }),
  inner: object("nested fields", { pin: string("PIN", { writeOnly: true }) }),
});
const kind = { ...endpointKind({ kind: "connection", path: "config", spec }), fields: spec.fields };

function item(desired: Record<string, unknown>, path = "db/config/a"): Item {
  return { kind, path, desired, at: { file: "a.yaml", line: 1, column: 1 } };
}

const empty = newLedger("cluster-1");
const ledgerOf = (...standing: Settled[]) => updateLedger(empty, empty, standing);
const created = (desired: Record<string, unknown>, path?: string): Settled => ({
  item: item(desired, path),
  op: "create",
});
const fieldsOf = (difference: ReturnType<typeof addWriteOnlyChanges>) =>
  difference === undefined || difference.op === "refuse" ? undefined : difference.fields.map(({ field }) => field);

describe("addWriteOnlyChanges", () => {
  const ledger = ledgerOf(created({ url: "u", password: "old secret", inner: { pin: "1234" } }));

  test("returns no difference for a field whose value was written last", () => {
    const same = item({ url: "u", password: "old secret", inner: { pin: "1234" } });

    expect(addWriteOnlyChanges(ledger, same, undefined)).toBeUndefined();
  });

  test("returns a difference without values for a field that changed in Git", () => {
    const changed = item({ url: "u", password: "new secret", inner: { pin: "1234" } });

    const difference = addWriteOnlyChanges(ledger, changed, undefined);

    expect(difference).toEqual({
      op: "update",
      fields: [{ field: "password", secret: true, writeOnly: true, note: "differs" }],
    });
  });

  test("returns a difference for a field that changed within an object", () => {
    const changed = item({ url: "u", password: "old secret", inner: { pin: "9999" } });

    expect(fieldsOf(addWriteOnlyChanges(ledger, changed, undefined))).toEqual(["inner.pin"]);
  });

  test("adds the fields that writing a raw path may reset, and refuses if a number would be rounded", () => {
    const rawItem = (secret: string, keep: boolean) => {
      const data = `{ data: { host: a }, write_only: { jwt: ${secret} }, keep: ${keep} }`;
      return desiredOf({ "a.yaml": `raw: { auth/k/config: ${data} }` }).items[0] as Item;
    };
    const before = ledgerOf({ item: rawItem("one", false), op: "create" });
    const live = { host: "a", issuer: "by-hand", count: 2 ** 60 };

    expect(fieldsOf(addWriteOnlyChanges(before, rawItem("one", false), undefined, live))).toBeUndefined();
    expect(fieldsOf(addWriteOnlyChanges(before, rawItem("two", false), undefined, live))).toEqual([
      ...["write_only", "data.issuer", "data.count"],
    ]);
    expect(addWriteOnlyChanges(before, rawItem("two", true), undefined, live)?.op).toBe("refuse");
  });

  test("adds write-only fields after the fields that Vault returns", () => {
    const seen = { op: "update", fields: [{ field: "url", before: "u", after: "v" }] } as const;

    expect(fieldsOf(addWriteOnlyChanges(ledger, item({ url: "v", password: "x" }), seen))).toEqual(["url", "password"]);
  });

  test("writes a field that the ledger does not know, since it was declared later", () => {
    expect(fieldsOf(addWriteOnlyChanges(ledger, item({ url: "u", wait: "1h" }), undefined))).toEqual(["wait"]);
    expect(fieldsOf(addWriteOnlyChanges(ledger, item({ password: "a" }, "db/config/b"), undefined))).toEqual([
      "password",
    ]);
  });

  test("writes a field that Vault has rotated only if its declared value changed", () => {
    const rotating = { ...item({ password: "old secret" }), kind: { ...kind, rotated: () => ["password"] } };
    const known = ledgerOf({ item: item({ password: "older secret" }), op: "create" });

    expect(addWriteOnlyChanges(empty, rotating, undefined, { url: "u" })).toBeUndefined();
    expect(fieldsOf(addWriteOnlyChanges(known, rotating, undefined, { url: "u" }))).toEqual(["password"]);
  });

  test("writes nothing after the ledger was lost, and detects changes again once it is rebuilt", () => {
    const declared = item({ password: "old secret" });
    const rebuilt = updateLedger(empty, empty, [{ item: declared, op: "none" }]);

    expect(addWriteOnlyChanges(undefined, declared, undefined)).toBeUndefined();
    expect(addWriteOnlyChanges(rebuilt, declared, undefined)).toBeUndefined();
    expect(fieldsOf(addWriteOnlyChanges(rebuilt, item({ password: "new secret" }), undefined))).toEqual(["password"]);
  });

  test.each([
    ["a duration as string and as number", { wait: "24h" }, { wait: 86_400 }],
    [
      "an object with its keys in another order",
      { more: { a: 1, b: { c: 2, d: 3 } } },
      { more: { b: { d: 3, c: 2 }, a: 1 } },
    ],
    ["a list and its only element", { env: ["A=b"] }, { env: "A=b" }],
    ["two orders of a list, with spaces", { names: ["a", "b"] }, { names: "b , a" }],
  ])("returns no difference for two notations of the same value: %s", (_what, one, other) => {
    expect(addWriteOnlyChanges(ledgerOf(created(one)), item(other), undefined)).toBeUndefined();
  });

  test("returns a difference for a space at the end, which may be part of a password", () => {
    expect(
      fieldsOf(addWriteOnlyChanges(ledgerOf(created({ password: "a" })), item({ password: "a " }), undefined)),
    ).toEqual(["password"]);
  });

  test("returns a difference for a space at the end of an ordered list's element, which may be a password", () => {
    const one = ledgerOf(created({ env: ["TOKEN=a", "X=1"] }));

    expect(fieldsOf(addWriteOnlyChanges(one, item({ env: ["TOKEN=a ", "X=1"] }), undefined))).toEqual(["env"]);
  });

  test("hashes an ordered list as before if no element has spaces around it", () => {
    expect(writeOnlyIn(spec.fields, { env: ["B=b", "A=a b", 1] })).toMatchObject([{ value: ["B=b", "A=a b", "1"] }]);
  });

  test("refuses a change of a create-only field, unless the ledger does not know the field", () => {
    const known = ledgerOf(created({ seed: "first" }));

    const refused = addWriteOnlyChanges(known, item({ seed: "second" }), undefined);

    expect(refused).toMatchObject({
      op: "refuse",
      reason: expect.stringContaining("db/config/a: seed differs from the value"),
    });
    expect(JSON.stringify(refused)).not.toMatch(/first|second/);
    expect(addWriteOnlyChanges(empty, item({ seed: "second" }), undefined)).toBeUndefined();
  });

  test("names the Secret whose former value to restore, if a create-only field comes from one", () => {
    const known = ledgerOf(created({ seed: "first" }));
    const secrets = [{ path: ["seed"], from: new SecretReference("shop", "totp") }];

    const refused = addWriteOnlyChanges(known, { ...item({ seed: "second" }), secrets }, undefined);

    expect(refused).toMatchObject({
      todo: expect.stringContaining("Restore the former value of key totp of Secret shop."),
    });
  });
});

describe("needsLedger", () => {
  test("is true only if a write-only field is declared", () => {
    expect(needsLedger([item({ url: "u" })])).toBe(false);
    expect(needsLedger([item({ inner: { pin: "1" } })])).toBe(true);
  });
});

describe("a hash in the ledger", () => {
  test("does not reveal the value, and differs for the same value of another object and in another ledger", () => {
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

describe("updateLedger", () => {
  test("returns the same object if there is nothing to record", () => {
    const ledger = ledgerOf(created({ password: "a" }));

    expect(updateLedger(ledger, ledger, [{ item: item({ password: "a" }), op: "none" }])).toBe(ledger);
  });

  test("keeps the entries of objects that failed or are no longer declared", () => {
    const ledger = ledgerOf(created({ password: "a" }, "undeclared"), created({ password: "a" }, "failed"));

    const next = updateLedger(ledger, ledger, [created({ password: "b" }, "new")]);

    expect([...next.objects.keys()].sort()).toEqual(["failed", "new", "undeclared"]);
    expect(next.objects.get("failed")).toEqual(ledger.objects.get("failed"));
  });

  test("records which objects it created and which already existed, also after later changes", () => {
    const existing: Settled = { item: item({}, "existing"), op: "none" };
    const first = ledgerOf(created({}, "new"), existing);
    const second = updateLedger(first, first, [
      { item: item({}, "new"), op: "update" },
      { item: item({}, "existing"), op: "update" },
    ]);

    expect(second.objects.get("new")).toMatchObject({ kind: "connection", created: true });
    expect(second.objects.get("existing")).toMatchObject({ created: false });
  });

  test("drops the hash of a field that is no longer declared", () => {
    const ledger = ledgerOf(created({ password: "a", wait: 1 }));

    const next = updateLedger(ledger, ledger, [{ item: item({ wait: 1 }), op: "none" }]);

    expect(Object.keys(next.objects.get("db/config/a")?.hashes ?? {})).toEqual(["wait"]);
  });
});

describe("updateLedger after another run wrote the ledger", () => {
  const before = ledgerOf(created({ password: "old" }));
  const update = (password: string): Settled => ({ item: item({ password }), op: "update" });
  const updateAfter = (now: Ledger, mine: Settled) => updateLedger(now, before, [mine]);

  test("drops the hash if both wrote different values, so that the next run writes again", () => {
    const theirs = updateLedger(before, before, [update("theirs")]);

    const both = updateAfter(theirs, update("mine"));

    expect(fieldsOf(addWriteOnlyChanges(both, item({ password: "mine" }), undefined))).toEqual(["password"]);
    expect(fieldsOf(addWriteOnlyChanges(both, item({ password: "theirs" }), undefined))).toEqual(["password"]);
  });

  test("keeps the hash if both wrote the same value", () => {
    const theirs = updateLedger(before, before, [update("same")]);

    expect(updateAfter(theirs, update("same"))).toBe(theirs);
  });

  test("keeps the hash of the other run if this run wrote nothing", () => {
    const theirs = updateLedger(before, before, [update("theirs")]);

    expect(updateAfter(theirs, { item: item({ password: "old" }), op: "none" })).toBe(theirs);
  });

  test("has the objects of both runs, even if the other run created a new ledger with another key", () => {
    const recreated = newLedger("cluster-1");
    const theirs = updateLedger(recreated, recreated, [created({ password: "b" }, "theirs")]);

    const both = updateLedger(theirs, before, [update("mine")]);

    expect(addWriteOnlyChanges(both, item({ password: "mine" }), undefined)).toBeUndefined();
    expect(addWriteOnlyChanges(both, item({ password: "b" }, "theirs"), undefined)).toBeUndefined();
  });
});

describe("parseLedger", () => {
  const compressed = (value: unknown) => gzipSync(JSON.stringify(value)).toString("base64");

  test("returns the ledger that formatLedger wrote", () => {
    const text = fc.string({ unit: "binary" });
    const recorded = fc.record({ kind: text, created: fc.boolean(), hashes: fc.dictionary(text, text) });
    const objects = fc.array(fc.tuple(text, recorded)).map((entries) => new Map(entries));

    fc.assert(
      fc.property(objects, (each) => {
        const ledger = { ...empty, objects: each };
        expect(parseLedger(formatLedger(ledger))).toEqual(ledger);
      }),
    );
  });

  test.each([
    ["no data", {}],
    ["no map of objects", { ...formatLedger(empty), objects: compressed({ version: 1 }) }],
    ["no key", { ...formatLedger(empty), key: "" }],
    ["objects that are not compressed", { ...formatLedger(empty), objects: "e30=" }],
    ["an unknown version", { ...formatLedger(empty), objects: compressed({ version: 2, objects: {} }) }],
    ["no cluster", { ...formatLedger(empty), cluster: "" }],
  ])("returns undefined for a Secret with %s", (_what, data) => {
    expect(parseLedger(data)).toBeUndefined();
  });

  test("reads ten thousand objects, each with a hash and a random name, from less than 1 MiB", () => {
    const standing = Array.from({ length: 10_000 }, (_, n) =>
      created({ password: `secret ${n}` }, `databases/mount-${n % 3}/config/${randomUUID()}`),
    );

    const data = formatLedger(updateLedger(empty, empty, standing));

    const size = Object.values(data).join("").length;
    expect(size).toBeLessThan(0.75 * maxLedgerBytes);
    expect(parseLedger(data)?.objects.size).toBe(10_000);
  });
});
