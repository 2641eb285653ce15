import { describe, expect, it } from "vitest";
import { parseDesired } from "../../../../src/desired/load.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";

function rawItem(data: unknown, rest: object = {}): Item {
  const yaml = JSON.stringify({ raw: { "some/path": { data: { f: data }, write_only: { secret: "s" }, ...rest } } });
  const [item] = parseDesired("folder", new Map([["vault.yaml", yaml]])).items;
  if (item === undefined) throw new Error("no item");
  return item;
}

const differenceOf = (desired: unknown, live: unknown, rest: object = {}) => {
  const item = rawItem(desired, rest);
  return item.kind.diff(item, { f: live, more: 0 });
};

describe("a raw path", () => {
  it.each([
    ["a number and its digits", "5", 5],
    ["a duration and its seconds", "24h", 86_400],
    ["two forms of one duration", "2000h", "2000h0m0s"],
    ["seconds and a duration string", 90, "1m30s"],
    ["a comma-separated string and a list", "a,b", ["a", "b"]],
    ["a list and a comma-separated string", ["a", "b"], "a,b"],
    ["an empty list and nothing", [], null],
    ["an empty string and nothing", "", undefined],
    ["a map and one with more keys", { a: { b: "1" } }, { a: { b: 1, c: 2 }, d: 3 }],
    ["true and the string true", true, "true"],
  ])("shows no difference between %s", (_, desired, live) => {
    expect(differenceOf(desired, live)).toBeUndefined();
  });

  it.each([
    ["other numbers", 5, 6],
    ["a longer list", ["a"], ["a", "b"]],
    ["another order", ["b", "a"], ["a", "b"]],
    ["a key that is missing", { a: 1, b: 2 }, { a: 1 }],
    ["a string and a map", "a", { a: 1 }],
    ["another duration", "1h", 60],
    ["two strings of digits", "05", "5"],
  ])("shows a difference: %s", (_, desired, live) => {
    expect(differenceOf(desired, live)).toMatchObject({ op: "update", fields: [{ field: "data.f", secret: true }] });
  });

  it.each([
    ["more elements in another order", ["b", "a"], ["a", "x", "b"]],
    ["more elements, and it is declared as a string", "b,a", ["a", "x", "b"]],
  ])("shows no difference if an open list has %s", (_, desired, live) => {
    expect(differenceOf(desired, live, { open_lists: ["f"] })).toBeUndefined();
    expect(differenceOf(desired, live)).toMatchObject({ op: "update" });
  });

  it("shows a difference if an open list lacks an element", () => {
    expect(differenceOf(["a", "b"], ["a", "x"], { open_lists: "e,f" })).toMatchObject({ op: "update" });
  });

  it("lists the keys that a write may reset, except empty values and with keep", () => {
    const live = { f: { a: 2, b: 1, c: "" }, more: "precious", none: [], off: false };
    const item = rawItem({ a: 1 });
    const keeping = rawItem({ a: 1 }, { keep: true });
    const reset = { secret: true, note: "not declared, so perhaps reset" };
    const differs = { field: "data.f", secret: true, note: "differs" };

    expect(item.kind.diff(item, live)).toEqual({
      op: "update",
      fields: [differs, { field: "data.f.b", ...reset }, { field: "data.more", ...reset }],
    });
    expect(keeping.kind.diff(keeping, live)).toEqual({ op: "update", fields: [differs] });
  });

  it("refuses keep if a write would round an integer", () => {
    const live = { f: 2, more: { count: 2 ** 60 } };
    const keeping = rawItem(1, { keep: true });

    expect(keeping.kind.diff(keeping, live)).toMatchObject({ op: "refuse" });
  });

  it("never shows values, not even of a new path", () => {
    const item = rawItem("precious");
    const difference = item.kind.diff(item, undefined);

    expect(difference).toMatchObject({ op: "create", fields: [{ field: "data.f" }, { field: "write_only.secret" }] });
    expect(JSON.stringify(difference)).not.toContain("precious");
  });
});
