import { holdsSecretReference } from "./secret-reference.ts";
import { type Field, isField, type Spec } from "./spec.ts";
import type { Values } from "./values.ts";

/** A declared field that Vault never returns; `value` is one form for all ways to write it. */
export type WriteOnly = {
  readonly field: string;
  readonly value: unknown;
  readonly createOnly: boolean;
  /** It comes from a Secret that was not read, so `value` is not the value. */
  readonly isUnread: boolean;
};

/** @returns the declared write-only fields, also of nested objects: "config.password" */
export function writeOnlyIn(fields: Readonly<Record<string, Spec>>, desired: Values): WriteOnly[] {
  return Object.entries(desired).flatMap(([name, value]): WriteOnly[] => {
    const spec = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (spec === undefined || value === undefined) return [];
    if (isField(spec)) return spec.writeOnly ? [writeOnlyOf(name, spec, value)] : [];
    if (spec.type !== "object" || typeof value !== "object" || value === null) return [];
    return writeOnlyIn(spec.fields, value as Values).map((each) => ({ ...each, field: `${name}.${each.field}` }));
  });
}

function writeOnlyOf(field: string, spec: Field, declared: unknown): WriteOnly {
  const isUnread = holdsSecretReference(declared);
  const value = isUnread ? undefined : canonical(spec, declared);
  return { field, value, createOnly: spec.createOnly === true, isUnread };
}

function canonical({ type }: Field, value: unknown): unknown {
  return type.verbatim === undefined ? sorted(type.normalise(value)) : type.verbatim(value);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
