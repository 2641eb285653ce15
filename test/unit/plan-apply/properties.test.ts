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

/** Every part that may be a file of its own: a policy, the fields of a mount, each object in it. */
function partsOf(state: Desired): object[] {
  const mounts = (section: "auth" | "secrets", key: "roles" | "values") =>
    Object.entries(state[section]).flatMap(([mount, all]) => {
      const { [key]: inner = {}, ...own } = all as Record<string, object>;
      const objects = Object.entries(inner).map(([each, value]) => ({ [key]: { [each]: value } }));
      return [own, ...objects].map((part) => ({ [section]: { [mount]: part } }));
    });
  return [
    ...Object.entries(state.policies).map(([each, value]) => ({ policies: { [each]: value } })),
    ...mounts("auth", "roles"),
    ...mounts("secrets", "values"),
    {},
  ];
}

/** Models Vault: the values that its API returns for an object once it is written. */
function writtenValues({ kind, desired }: Item, before: Values | undefined): Values {
  if (kind.name.endsWith("mount")) {
    const { tune = {}, ...own } = desired;
    return { ...own, accessor: "x_1", config: { force_no_cache: false, ...(tune as Values) } };
  }
  if (kind.name !== "KV value") return { added_by_vault: true, ...before, ...desired };
  const { version, desired: data } = desired as { version: string; desired: Values };
  return { version, number: 1, data: { ...(before?.["data"] as Values), ...data } };
}

/** Applies a plan to a model of Vault. Throws if the predecessors of the changes form a cycle. */
function applyToModel({ changes }: Plan, live: LiveState): LiveState {
  const state = new Map<string, Observed>(live);
  let pending = [...changes];
  while (pending.length > 0) {
    const waiting = new Set(pending.map(({ item }) => item.path));
    const ready = pending.filter(({ item }) => predecessors(item).every((path) => !waiting.has(path)));
    if (ready.length === 0) throw new Error("no change can begin");
    for (const { item, live: before } of ready) state.set(item.path, { live: writtenValues(item, before) });
    pending = pending.filter((change) => !ready.includes(change));
  }
  return state;
}

const byPath = (list: readonly { item: Item }[]) => list.map(({ item }) => item.path).sort();

describe("any desired state", () => {
  it("results in the same plan however it is split into files", () => {
    fc.assert(
      fc.property(desired, fc.infiniteStream(fc.nat(3)), (state, places) => {
        const oneFile = desiredOf({ "all.yaml": stringify(state) }).items;
        const files = new Map<string, object[]>();
        for (const part of partsOf(state)) {
          const file = `f${places.next().value}`;
          files.set(file, [...(files.get(file) ?? []), part]);
        }
        // each part is its own file, in one of four folders
        const texts = [...files].flatMap(([folder, parts]) =>
          parts.map((part, i) => [`${folder}/${i}.yaml`, stringify(part)] as const),
        );

        const split = desiredOf(Object.fromEntries(texts)).items;

        expect(split.map(({ kind, path, desired }) => ({ kind, path, desired }))).toEqual(
          oneFile.map(({ kind, path, desired }) => ({ kind, path, desired })),
        );
        expect(plan(split, new Map()).changes.map(({ fields }) => fields)).toEqual(
          plan(oneFile, new Map()).changes.map(({ fields }) => fields),
        );
      }),
    );
  });

  it("results in the same changes whatever the order of its objects", () => {
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

  it("is reached by one plan: the next plan is empty", () => {
    let changed = 0;
    fc.assert(
      fc.property(desired, desired, (before, after) => {
        const [first, second] = [before, after].map((state) => desiredOf({ "a.yaml": stringify(state) }).items);
        const started = applyToModel(plan(first ?? [], new Map()), new Map());

        const planned = plan(second ?? [], started);
        const again = plan(second ?? [], applyToModel(planned, started));

        changed += planned.changes.length;
        expect(again.changes.map(({ item, fields }) => [item.path, fields])).toEqual([]);
        expect(again.unchanged).toBe((second ?? []).length - again.refusals.length - again.blocked.length);
      }),
    );
    expect(changed).toBeGreaterThan(100);
  });
});
