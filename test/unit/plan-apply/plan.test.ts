import { describe, expect, it } from "vitest";
import { NotReadyError } from "../../../src/errors.ts";
import type { Difference, Item, Kind } from "../../../src/kinds/model/kind.ts";
import type { Observed } from "../../../src/plan-apply/observe.ts";
import { plan } from "../../../src/plan-apply/plan.ts";
import { desiredOf } from "../desired/desired.ts";

/** A kind with a fixed difference. */
function kind(difference: Difference | undefined): Kind {
  return {
    name: "thing",
    read: () => Promise.reject(new Error("plan() must not read")),
    diff: () => difference,
    write: () => Promise.reject(new Error("plan() must not write")),
    requiredPaths: () => [],
  };
}

const kinds = {
  create: kind({ op: "create", fields: [] }),
  same: kind(undefined),
  refuse: kind({ op: "refuse", reason: "it would lose data", todo: "decide" }),
};

type Extra = Pick<Item, "within" | "requires" | "policies">;

function item(path: string, result: keyof typeof kinds, extra: Extra = {}): Item {
  return { kind: kinds[result], path, desired: {}, at: { file: "a.yaml", line: 1, column: 1 }, ...extra };
}

const pathsOf = (list: readonly { item: Item }[]) => list.map(({ item: { path } }) => path);

describe("a plan", () => {
  it("creates the objects that are missing and counts those that need no change", () => {
    const { changes, unchanged } = plan([item("a", "create"), item("b", "same"), item("c", "same")], new Map());

    expect(changes).toMatchObject([{ op: "create", item: { path: "a" } }]);
    expect(unchanged).toBe(2);
  });

  it("lists objects that could not be read apart from those that are refused", () => {
    const error = new NotReadyError("no answer");
    const live = new Map<string, Observed>([["a", { error }]]);

    const { changes, refusals, unreadable, unchanged } = plan([item("a", "create"), item("b", "refuse")], live);

    expect(changes).toEqual([]);
    expect(unreadable).toMatchObject([{ item: { path: "a" }, error }]);
    expect(refusals).toMatchObject([{ item: { path: "b" }, reason: "it would lose data", todo: "decide" }]);
    expect(unchanged).toBe(0);
  });

  it.each<[relation: string, extra: Extra]>([
    ["is in it", { within: "refused" }],
    ["requires it", { requires: ["undeclared", "refused"] }],
  ])("blocks the successor of a refused object that %s", (_, extra) => {
    const { changes, blocked } = plan([item("refused", "refuse"), item("next", "create", extra)], new Map());

    expect(changes).toEqual([]);
    expect(blocked).toMatchObject([{ item: { path: "next" }, by: "refused" }]);
  });

  it("blocks an object that names a policy that could not be read", () => {
    const live = new Map<string, Observed>([["sys/policies/acl/dev", { error: new NotReadyError("no answer") }]]);
    const items = [item("sys/policies/acl/dev", "create"), item("role", "create", { policies: ["dev"] })];

    expect(plan(items, live).blocked).toMatchObject([{ item: { path: "role" }, by: "sys/policies/acl/dev" }]);
  });

  it("blocks a chain of objects, even through one that needs no change, and names the predecessor of each", () => {
    const items = [
      item("a", "refuse"),
      item("b", "same", { within: "a" }),
      item("c", "create", { within: "b" }),
      item("d", "create", { requires: ["c"] }),
      item("e", "create"),
    ];

    const { changes, blocked, unchanged } = plan(items, new Map());

    expect(blocked).toMatchObject([
      { item: { path: "c" }, by: "b" },
      { item: { path: "d" }, by: "c" },
    ]);
    expect(pathsOf(changes)).toEqual(["e"]);
    expect(unchanged).toBe(1);
  });

  it("does not block the successors of an object that changes", () => {
    const items = [item("a", "create"), item("b", "create", { within: "a" }), item("c", "create", { requires: ["b"] })];

    const { changes, blocked } = plan(items, new Map());

    expect(pathsOf(changes)).toEqual(["a", "b", "c"]);
    expect(blocked).toEqual([]);
  });

  it("blocks all successors of a refused object among ten thousand", () => {
    const items = Array.from({ length: 10_000 }, (_, i) =>
      item(`i${i}`, i === 0 ? "refuse" : "create", i === 0 ? {} : { requires: [`i${Math.floor((i - 1) / 2)}`] }),
    );

    expect(plan(items, new Map()).blocked).toHaveLength(9999);
  });
});

describe("a plan for a mount that exists", () => {
  const live = (values: object) => new Map<string, Observed>([["sys/mounts/kv", { live: { config: {}, ...values } }]]);
  const { items } = desiredOf({
    "a.yaml": "secrets: { kv: { type: kv, options: { version: '1' }, values: { a: { k: v } } } }",
  });

  it.each([
    ["another type", { type: "transit", options: null }, 'type is "transit" in Vault and "kv" in the configuration'],
    [
      "an older version",
      { type: "kv", options: { version: "2" } },
      'options is {"version":"2"} in Vault and {"version":"1"} in the configuration',
    ],
  ])("refuses it and blocks the objects in it if Vault has %s", (_, values, reason) => {
    const { changes, refusals, blocked } = plan(items, live(values));

    expect(changes).toEqual([]);
    expect(refusals[0]?.reason).toContain(`secrets mount sys/mounts/kv: ${reason}`);
    expect(refusals[0]?.todo).toContain("disable the mount by hand");
    expect(blocked).toMatchObject([{ item: { path: "kv/a" }, by: "sys/mounts/kv" }]);
  });

  it("ignores the fields that Vault adds", () => {
    const values = {
      type: "kv",
      options: { version: "1" },
      accessor: "kv_1",
      uuid: "x",
      config: { max_lease_ttl: 0, force_no_cache: false },
    };

    const { changes, refusals, unchanged } = plan(items.slice(1), live(values));

    expect([...changes, ...refusals]).toEqual([]);
    expect(unchanged).toBe(1);
  });
});
