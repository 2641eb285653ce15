import { describe, expect, it } from "vitest";
import { kvValueKind } from "../../../../../src/kinds/secrets/kv/value.ts";
import { desiredOf } from "../../../desired/desired.ts";

const at = (values: string) => `secrets: { kv: { type: kv, options: { version: "2" }, values: { a: ${values} } } }`;

/** What must be done to one entry: what is declared of it, and what Vault holds. */
function difference(values: string, data: Record<string, unknown> | undefined) {
  const item = desiredOf({ "a.yaml": at(values) }).items.find(({ kind }) => kind === kvValueKind);
  if (item === undefined) throw new Error("no KV value is declared");
  return kvValueKind.diff(item, { version: "2", number: 3, data });
}

describe("a KV value", () => {
  it.each<[what: string, values: string, data: Record<string, unknown>]>([
    ["is as it should be", "{ k: v }", { k: "v" }],
    ["has more keys than ours", "{ k: v }", { k: "v", other: 5 }],
    ["was made before", "{ k: { generate: {} } }", { k: "anything" }],
    ["has parts", "{ k: { a: [1, true, null] } }", { k: { a: [1, true, null] } }],
    ["is empty on both sides", "{}", {}],
    ["has a number of somebody's that is above 2^53, and needs no write", "{ k: v }", { k: "v", big: 2 ** 60 }],
  ])("that %s is left alone", (_, values, data) => {
    expect(difference(values, data)).toBeUndefined();
  });

  it.each<[what: string, values: string, data: Record<string, unknown>, field: object]>([
    ["differs", "{ k: v }", { k: "w" }, { field: "k", note: "differs" }],
    ["lacks a key", "{ k: v }", {}, { field: "k", note: "set" }],
    ["lacks one that is made by chance", "{ k: { generate: {} } }", {}, { field: "k", note: "generated" }],
    ["has a number for a text", '{ k: "5" }', { k: 5 }, { field: "k", note: "differs" }],
    ["has a number of ours that is above 2^53", "{ k: v }", { k: 2 ** 60 }, { field: "k", note: "differs" }],
  ])("that %s is updated, and shows no value", (_, values, data, field) => {
    expect(difference(values, data)).toEqual({ op: "update", fields: [{ secret: true, ...field }] });
  });

  it("that was deleted is made anew, even one without keys", () => {
    expect(difference("{}", undefined)).toEqual({ op: "create", fields: [] });
    expect(difference("{ k: v }", undefined)).toMatchObject({ op: "create", fields: [{ note: "set" }] });
  });

  it.each([
    ["a number", { big: 2 ** 60 }],
    ["one deep inside", { big: [{ n: 2 ** 60 }] }],
  ])("of somebody's that a write would change is refused: %s above 2^53", (_, data) => {
    expect(difference("{ k: v }", data)).toMatchObject({
      op: "refuse",
      reason: "KV value kv/a: its key big holds a number above 2^53, which writing the other keys would change",
    });
  });

  it("whose key is called generate, beside others, is a value as any other", () => {
    expect(difference("{ k: { generate: x, more: y } }", { k: { generate: "x", more: "y" } })).toBeUndefined();
  });
});
