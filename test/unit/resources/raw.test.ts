import { describe, expect, it } from "vitest";
import { parseDesired } from "../../../src/config/load.ts";
import type { Item } from "../../../src/resources/kind.ts";

function rawItem(data: unknown): Item {
  const yaml = JSON.stringify({ raw: { "some/path": { data: { f: data }, write_only: { secret: "s" } } } });
  const [item] = parseDesired("folder", new Map([["vault.yaml", yaml]])).items;
  if (item === undefined) throw new Error("no item");
  return item;
}

const changed = (desired: unknown, live: unknown) => {
  const item = rawItem(desired);
  return item.kind.diff(item, { f: live, more: "of Vault's own" });
};

describe("values of a raw path", () => {
  it.each([
    ["a number and its digits", "5", 5],
    ["a duration and its seconds", "24h", 86_400],
    ["a text with commas and a list", "a,b", ["a", "b"]],
    ["a list and a text with commas", ["a", "b"], "a,b"],
    ["an empty list and nothing", [], null],
    ["an empty text and nothing", "", undefined],
    ["a map and one that holds more", { a: { b: "1" } }, { a: { b: 1, c: 2 }, d: 3 }],
    ["true and its word", true, "true"],
  ])("mean the same: %s", (_, desired, live) => {
    expect(changed(desired, live)).toBeUndefined();
  });

  it.each([
    ["other numbers", 5, 6],
    ["a longer list", ["a"], ["a", "b"]],
    ["another order", ["b", "a"], ["a", "b"]],
    ["a key that is missing", { a: 1, b: 2 }, { a: 1 }],
    ["a text and a map", "a", { a: 1 }],
    ["a duration of other length", "1h", 60],
  ])("differ: %s", (_, desired, live) => {
    expect(changed(desired, live)).toMatchObject({ op: "update", fields: [{ field: "data.f", secret: true }] });
  });

  it("never show, not even when the path is new", () => {
    const item = rawItem("precious");
    const difference = item.kind.diff(item, undefined);

    expect(difference).toMatchObject({ op: "create", fields: [{ field: "data.f" }, { field: "write_only.secret" }] });
    expect(JSON.stringify(difference)).not.toContain("precious");
  });
});
