import { describe, expect, it } from "vitest";
import { kvValueKind } from "../../../../../src/kinds/secrets/kv/value.ts";
import { desiredOf } from "../../../desired/desired.ts";

const at = (values: string) => `secrets: { kv: { type: kv, options: { version: "2" }, values: { a: ${values} } } }`;

/** The difference between declared values and Vault's data at one path. */
function difference(values: string, data: Record<string, unknown> | undefined) {
  const item = desiredOf({ "a.yaml": at(values) }).items.find(({ kind }) => kind === kvValueKind);
  if (item === undefined) throw new Error("no KV value is declared");
  return kvValueKind.diff(item, { version: "2", number: 3, data });
}

describe("a KV value", () => {
  it.each<[title: string, values: string, data: Record<string, unknown>]>([
    ["equals the declared one", "{ k: v }", { k: "v" }],
    ["has undeclared keys", "{ k: v }", { k: "v", other: 5 }],
    ["was generated before", "{ k: { generate: {} } }", { k: "anything" }],
    ["is nested", "{ k: { a: [1, true, null] } }", { k: { a: [1, true, null] } }],
    ["is empty, as declared", "{}", {}],
    ["has an undeclared integer above 2^53 and needs no write", "{ k: v }", { k: "v", big: 2 ** 60 }],
  ])("is not written if it %s", (_, values, data) => {
    expect(difference(values, data)).toBeUndefined();
  });

  it.each<[title: string, values: string, data: Record<string, unknown>, field: object]>([
    ["differs", "{ k: v }", { k: "w" }, { field: "k", note: "differs" }],
    ["lacks a key", "{ k: v }", {}, { field: "k", note: "set" }],
    ["lacks a generated key", "{ k: { generate: {} } }", {}, { field: "k", note: "generated" }],
    ["has a number instead of a string", '{ k: "5" }', { k: 5 }, { field: "k", note: "differs" }],
    ["has an integer above 2^53 in a declared key", "{ k: v }", { k: 2 ** 60 }, { field: "k", note: "differs" }],
  ])("is updated without showing values if it %s", (_, values, data, field) => {
    expect(difference(values, data)).toEqual({ op: "update", fields: [{ secret: true, ...field }] });
  });

  it("is created again if it was deleted, even without keys", () => {
    expect(difference("{}", undefined)).toEqual({ op: "create", fields: [] });
    expect(difference("{ k: v }", undefined)).toMatchObject({ op: "create", fields: [{ note: "set" }] });
  });

  it.each([
    ["an integer", { big: 2 ** 60 }],
    ["a nested integer", { big: [{ n: 2 ** 60 }] }],
  ])("is refused if a write would round %s of an undeclared key", (_, data) => {
    expect(difference("{ k: v }", data)).toMatchObject({
      op: "refuse",
      reason: "KV value kv/a: its key big holds an integer above 2^53, which a write of the other keys would change",
    });
  });

  it("may have a key called generate beside other keys", () => {
    expect(difference("{ k: { generate: x, more: y } }", { k: { generate: "x", more: "y" } })).toBeUndefined();
  });
});
