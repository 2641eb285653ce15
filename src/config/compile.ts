import { auditKind } from "../resources/audit.ts";
import type { Values } from "../resources/compare.ts";
import type { Engine, Place } from "../resources/engine.ts";
import { engines } from "../resources/index.ts";
import type { Item, Origin } from "../resources/kind.ts";
import { mountKinds, mountsPath, type Section } from "../resources/mount.ts";
import { policyKind, policyPath } from "../resources/policy.ts";

/** A configuration that was checked: plain values, shaped as rootSpec says. */
export type Checked = {
  readonly audit?: Readonly<Record<string, Values>>;
  readonly policies?: Readonly<Record<string, { hcl: string }>>;
  readonly auth?: Readonly<Record<string, Values>>;
  readonly secrets?: Readonly<Record<string, Values>>;
};

/** The objects that a configuration means, sorted by path. Pure. */
export function compile(checked: Checked, originOf: (value: unknown) => Origin): Item[] {
  const items = [
    ...Object.entries(checked.audit ?? {}).map(
      ([name, desired]): Item => ({ kind: auditKind, path: `sys/audit/${name}`, desired, at: originOf(desired) }),
    ),
    ...Object.entries(checked.policies ?? {}).map(
      ([name, policy]): Item => ({
        kind: policyKind,
        path: policyPath(name),
        desired: { policy: policy.hcl },
        at: originOf(policy),
      }),
    ),
    ...Object.entries(checked.auth ?? {}).flatMap(([name, values]) => compileMount("auth", name, values, originOf)),
    ...Object.entries(checked.secrets ?? {}).flatMap(([name, values]) =>
      compileMount("secrets", name, values, originOf),
    ),
  ];
  return items.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function compileMount(section: Section, name: string, values: Values, originOf: Place["originOf"]): Item[] {
  const engine = engines.find((each) => each.section === section && each.type === values["type"]);
  if (engine === undefined) return [];
  const parts = Object.entries(engine.parts).filter(([key]) => values[key] !== undefined);
  const path = `${mountsPath[section]}/${name}`;
  const mount = { kind: mountKinds[section], path, desired: own(engine, values), at: originOf(values) };
  const prefix = section === "auth" ? `auth/${name}` : name;
  const place: Place = { prefix, within: path, values: mount.desired, originOf };
  return [mount, ...parts.flatMap(([key, part]) => part.compile(values[key], place))];
}

function own(engine: Engine, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !Object.hasOwn(engine.parts, key)));
}
