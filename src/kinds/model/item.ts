import { memoize } from "../../util/memoize.ts";
import type { Field, ReferenceKind } from "./fields/field.ts";
import { elements } from "./fields/list.ts";
import type { Item, Kind, Origin } from "./kind.ts";
import { referenceTo } from "./reference.ts";
import { isField, type ObjectSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/** The surroundings of an object in the configuration. */
export type SectionContext = {
  /** The beginning of all paths in the section: "auth/demo-auth-mount", "kvv2"; empty at the top. */
  readonly prefix: string;
  /** The path of the mount that contains the section: "sys/auth/demo-auth-mount". */
  readonly within?: string;
  /** Paths of items that come first. */
  readonly requires?: readonly string[];
  /** The fields of the mount or object around the section. */
  readonly values: Values;
  readonly originOf: (value: unknown) => Origin;
};

/** @param declared the value whose position is known, if that is not `values` */
export function itemOf(
  kind: Kind,
  spec: ObjectSpec,
  path: string,
  values: Values,
  context: SectionContext,
  declared: unknown = values,
): Item {
  const { within } = context;
  const requires = [...(context.requires ?? []), ...passwordPoliciesIn(spec, values)];
  return {
    kind,
    path: joinPath(context.prefix, path),
    desired: withReferences(spec, values),
    ...(within === undefined ? {} : { within }),
    ...(requires.length === 0 ? {} : { requires }),
    policies: policiesIn(spec, values),
    at: context.originOf(declared),
  };
}

/** @returns the parts joined by slashes, without empty ones */
export function joinPath(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

/** Replaces fields that name other objects with the fields that Vault takes, which refer to ids. */
function withReferences(spec: ObjectSpec, values: Values): Values {
  if (!meaningsOf(spec).refers) return values;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const inner = spec.fields[name];
    const field = inner !== undefined && isField(inner) ? inner : undefined;
    if (field?.refers === undefined) result[name] = concat(result[name], value);
    else result[field.refers.as] = concat(result[field.refers.as], references(field, field.refers.to, value));
  }
  return result;
}

/** A list may be given as one string with commas. */
function references(field: Field, to: ReferenceKind, value: unknown): unknown {
  if (field.type.shape !== "list") return referenceTo(to, String(value));
  return elements(value, (name) => referenceTo(to, name));
}

/** Ids may be given together with names; both count. */
function concat(before: unknown, value: unknown): unknown {
  return Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
}

function passwordPoliciesIn(spec: ObjectSpec, values: Values): string[] {
  return meaningsOf(spec).passwordPolicies.flatMap((name) =>
    Object.hasOwn(values, name) ? [`sys/policies/password/${values[name]}`] : [],
  );
}

function policiesIn(spec: ObjectSpec, desired: Values): string[] {
  return meaningsOf(spec).policies.flatMap((name) => {
    const value = desired[name];
    if (value === undefined) return [];
    return elements(value, (policy) => policy.toLowerCase());
  });
}

/** Memoized, since thousands of objects share one description. */
const meaningsOf = memoize((spec: ObjectSpec) => {
  const fields = Object.entries(spec.fields).flatMap(([name, field]) => (isField(field) ? [{ name, field }] : []));
  const naming = (what: Field["names"]) => fields.flatMap(({ name, field }) => (field.names === what ? [name] : []));
  return {
    policies: naming("policy"),
    passwordPolicies: naming("password policy"),
    refers: fields.some(({ field }) => field.refers !== undefined),
  };
});
