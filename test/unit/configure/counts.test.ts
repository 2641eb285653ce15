import { expect, it } from "vitest";
import { findingsOf } from "../../../src/configure/counts.ts";
import { policyKind } from "../../../src/kinds/system/policy.ts";
import type { Plan, Uncompared } from "../../../src/plan-apply/plan.ts";

const item = { kind: policyKind, path: "a", desired: {}, at: { file: "a.yaml", line: 1, column: 1 } };
const change = { op: "update", item, live: {}, fields: [] } as const;
const field = (name: string) => ({ field: name, from: [{ secret: "s", key: "k" }] });
const nothing: Plan = {
  ...{ changes: [], refusals: [], unreadable: [], blocked: [], unchanged: 1 },
  ...{ uncompared: [], warnings: [], leftOver: [] },
};
const one: Uncompared[] = [{ item, fields: [field("x")] }];
const two: Uncompared[] = [{ item, fields: [field("x"), field("y")] }];

it.each<[string | undefined, Partial<Plan>]>([
  [undefined, {}],
  ["1 difference", { changes: [change] }],
  ["1 field not compared", { uncompared: one }],
  ["2 differences, 2 fields not compared", { changes: [change, change], uncompared: two }],
])("VaultHealth shows what a plan found: %s", (expected, found) => {
  expect(findingsOf({ ...nothing, ...found })).toBe(expected);
});
