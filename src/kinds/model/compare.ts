import { isDeepStrictEqual } from "node:util";
import type { Field } from "./fields/field.ts";
import type { Values } from "./values.ts";

export type Fields = Readonly<Record<string, Field>>;

/** One field that differs. A secret one shows neither value. */
export type FieldChange = {
  readonly field: string;
  readonly secret?: true;
  /** It differs from what was written last, as the ledger knows; Vault never tells it. */
  readonly writeOnly?: true;
  /** What will happen, where the values must not show: "generated", "differs"; or what they do not tell: "cannot be undone". */
  readonly note?: string;
  readonly before?: unknown;
  readonly after?: unknown;
};

/**
 * The managed fields that differ: those that `desired` has. What Vault adds to its answers (times, ids, defaults) does
 * not count, nor do two ways to write one value: 24h and 86400, "a,b" and [b, a], "5" and 5.
 */
export function differences(fields: Fields, desired: Values, live: Values): FieldChange[] {
  return Object.entries(desired).flatMap(([name, value]) => {
    const field = fields[name];
    if (field === undefined || field.writeOnly || isDeepStrictEqual(live[name], value)) return [];
    const { type } = field;
    const after = type.normalise(value);
    const before = type.normalise(live[name]);
    if (isDeepStrictEqual(after, type.managed?.(before, after) ?? before)) return [];
    return [field.secret ? { field: name, secret: true, note: "differs" } : { field: name, before, after }];
  });
}

/** How a new object shows: every field as it will be. */
export function additions(fields: Fields, desired: Values): FieldChange[] {
  return Object.entries(desired).map(([name, value]) => {
    const field = fields[name];
    if (field?.secret || field?.writeOnly) return { field: name, secret: true, note: "set" };
    return { field: name, after: field === undefined ? value : field.type.normalise(value) };
  });
}

/** How two values of a field are told where one stands in the way of the other. */
export function showBoth({ field, before, after }: FieldChange): string {
  const show = (value: unknown) => JSON.stringify(value) ?? "not set";
  return `${field} is ${show(before)} in Vault and ${show(after)} in the configuration`;
}
