import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Item } from "../../../src/kinds/model/kind.ts";
import type { Values } from "../../../src/kinds/model/values.ts";
import { predecessors } from "../../../src/kinds/order.ts";
import type { LiveState, Observed } from "../../../src/plan-apply/observe.ts";
import { type Plan, plan } from "../../../src/plan-apply/plan.ts";
import { freeName } from "../../helpers/free-name.ts";
import { desiredOf } from "../desired/desired.ts";

const name = freeName(6);
const policies = fc.dictionary(name, fc.record({ hcl: fc.constantFrom("# a", 'path "a" { policy = "read" }') }));
const role = fc.record(
  {
    token_ttl: fc.constantFrom("24h", 3600, "90s"),
    token_policies: fc.oneof(fc.array(name, { maxLength: 3 }), fc.constant("a,b")),
    token_num_uses: fc.nat(9),
    audience: fc.string(),
    bound_service_account_names: fc.constant("*"),
    bound_service_account_namespaces: fc.constant("*"),
  },
  { requiredKeys: ["bound_service_account_names", "bound_service_account_namespaces"] },
);
const tune = fc.record({ default_lease_ttl: fc.constantFrom("1h", "2d", 60) }, { requiredKeys: [] });
const values = fc.dictionary(name, fc.dictionary(name, fc.oneof(fc.string(), fc.boolean(), fc.nat()), { maxKeys: 3 }));
const desired = fc.record({
  policies,
  auth: fc.dictionary(
    name,
    fc.record({ type: fc.constant("kubernetes"), tune, description: fc.string(), roles: fc.dictionary(name, role) }),
    { maxKeys: 3 },
  ),
  secrets: fc.dictionary(
    name,
    fc.record({ type: fc.constant("kv"), options: fc.record({ version: fc.constantFrom("1", "2") }), values }),
    { maxKeys: 3 },
  ),
});
type Desired = typeof desired extends fc.Arbitrary<infer T> ? T : never;

/** Every part that may stand in a file of its own: a policy, a mount's fields, each thing that lives in it. */
function partsOf(state: Desired): object[] {
  const mounts = (section: "auth" | "secrets", key: "roles" | "values") =>
    Object.entries(state[section]).flatMap(([mount, all]) => {
      const { [key]: inner = {}, ...own } = all as Record<string, object>;
      const things = Object.entries(inner).map(([each, value]) => ({ [key]: { [each]: value } }));
      return [own, ...things].map((part) => ({ [section]: { [mount]: part } }));
    });
  return [
    ...Object.entries(state.policies).map(([each, value]) => ({ policies: { [each]: value } })),
    ...mounts("auth", "roles"),
    ...mounts("secrets", "values"),
    {},
  ];
}

/** What Vault would tell of an object once it is written, as its API tells it. */
function told({ kind, desired }: Item, before: Values | undefined): Values {
  if (kind.name.endsWith("mount")) {
    const { tune = {}, ...own } = desired;
    return { ...own, accessor: "x_1", config: { force_no_cache: false, ...(tune as Values) } };
  }
  if (kind.name !== "KV value") return { added_by_vault: true, ...before, ...desired };
  const { version, desired: data } = desired as { version: string; desired: Values };
  return { version, number: 1, data: { ...(before?.["data"] as Values), ...data } };
}

/** Carries a plan out on a model of Vault; fails if something comes before what it needs. */
function carryOut({ changes }: Plan, live: LiveState): LiveState {
  const state = new Map<string, Observed>(live);
  let open = [...changes];
  while (open.length > 0) {
    const waiting = new Set(open.map(({ item }) => item.path));
    const ready = open.filter(({ item }) => predecessors(item).every((path) => !waiting.has(path)));
    if (ready.length === 0) throw new Error("nothing can begin");
    for (const { item, live: before } of ready) state.set(item.path, { live: told(item, before) });
    open = open.filter((change) => !ready.includes(change));
  }
  return state;
}

const byPath = (list: readonly { item: Item }[]) => list.map(({ item }) => item.path).sort();

describe("any desired state", () => {
  it("means the same plan however it is split over files, and whatever their order", () => {
    fc.assert(
      fc.property(desired, fc.infiniteStream(fc.nat(3)), (state, places) => {
        const whole = desiredOf({ "all.yaml": stringify(state) }).items;
        const files = new Map<string, object[]>();
        for (const part of partsOf(state)) {
          const file = `f${places.next().value}`;
          files.set(file, [...(files.get(file) ?? []), part]);
        }
        // each part is a file of its own, in one of four folders
        const texts = [...files].flatMap(([folder, parts]) =>
          parts.map((part, i) => [`${folder}/${i}.yaml`, stringify(part)] as const),
        );

        const split = desiredOf(Object.fromEntries(texts)).items;

        expect(split.map(({ kind, path, desired }) => ({ kind, path, desired }))).toEqual(
          whole.map(({ kind, path, desired }) => ({ kind, path, desired })),
        );
        expect(plan(split, new Map()).changes.map(({ fields }) => fields)).toEqual(
          plan(whole, new Map()).changes.map(({ fields }) => fields),
        );
      }),
    );
  });

  it("means the same changes whatever the order of its objects", () => {
    fc.assert(
      fc.property(desired, fc.integer(), (state, seed) => {
        const { items } = desiredOf({ "a.yaml": stringify(state) });
        const [mixed] = fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed });

        const [one, other] = [plan(items, new Map()), plan(mixed ?? [], new Map())];

        expect(byPath(other.changes)).toEqual(byPath(one.changes));
        expect(other.unchanged).toBe(one.unchanged);
      }),
    );
  });

  it("is reached: once its plan is carried out, the next one is empty", () => {
    let changed = 0;
    fc.assert(
      fc.property(desired, desired, (before, after) => {
        const [first, second] = [before, after].map((state) => desiredOf({ "a.yaml": stringify(state) }).items);
        const started = carryOut(plan(first ?? [], new Map()), new Map());

        const planned = plan(second ?? [], started);
        const again = plan(second ?? [], carryOut(planned, started));

        changed += planned.changes.length;
        expect(again.changes.map(({ item, fields }) => [item.path, fields])).toEqual([]);
        expect(again.unchanged).toBe((second ?? []).length - again.refusals.length - again.blocked.length);
      }),
    );
    expect(changed).toBeGreaterThan(100);
  });
});
