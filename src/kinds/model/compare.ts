import { isDeepStrictEqual } from "node:util";
import { redactIn } from "../../redact.ts";
import type { Field } from "./fields/field.ts";
import { type Source, withLiveValues } from "./secret-reference.ts";
import type { Values } from "./values.ts";

export type Fields = Readonly<Record<string, Field>>;

/** One field that differs. Of a secret field neither value is included. */
export type FieldChange = {
  readonly field: string;
  readonly secret?: true;
  /** Vault never returns it. It differs from the last write, as recorded in the ledger, or Vault reports that it has none. */
  readonly writeOnly?: true;
  /** Stands in for hidden values ("generated", "differs") or adds a warning ("cannot be undone"). */
  readonly note?: string;
  /** The Kubernetes Secrets that the declared value comes from. */
  readonly from?: readonly Source[];
  readonly before?: unknown;
  readonly after?: unknown;
};

/**
 * @returns the fields of `desired` that differ in Vault. Fields that Vault adds (times, ids, defaults) do not count, nor do two
 * ways to write one value: 24h and 86400, "a,b" and [b, a], "5" and 5. A value from a Secret that was not read does not count either,
 * if Vault has a value in its place.
 */
export function differences(fields: Fields, desired: Values, live: Values): FieldChange[] {
  return Object.entries(desired).flatMap(([name, value]) => {
    const field = fields[name];
    if (field?.writeOnly) return isLost(name, field, value, live) ? [lost(name)] : [];
    if (field === undefined || isDeepStrictEqual(live[name], value)) return [];
    const { type } = field;
    const before = type.normalise(live[name]);
    const after = type.normalise(withLiveValues(value, before));
    if (isDeepStrictEqual(after, type.managed?.(before, after) ?? before)) return [];
    return [field.secret ? { field: name, secret: true, note: "differs" } : { field: name, before, after }];
  });
}

/**
 * Whether Vault reports that it has no value of a declared write-only field: `token_reviewer_jwt_set: false`, or an answer
 * without the key that it returns of the field's JSON.
 */
function isLost(name: string, { createOnly, returnedKey }: Field, value: unknown, live: Values): boolean {
  if (createOnly || value === "" || value === undefined || value === null) return false;
  if (live[`${name}_set`] === false) return true;
  return returnedKey !== undefined && hasKey(value, returnedKey) && !live[returnedKey];
}

function hasKey(json: unknown, key: string): boolean {
  try {
    return Boolean((JSON.parse(String(json)) as Values | null)?.[key]);
  } catch {
    return false;
  }
}

function lost(field: string): FieldChange {
  return { field, secret: true, writeOnly: true, note: "missing in Vault" };
}

/** @returns every field of a new object, with its value unless it is secret */
export function additions(fields: Fields, desired: Values): FieldChange[] {
  return Object.entries(desired).map(([name, value]) => {
    const field = fields[name];
    if (field?.secret || field?.writeOnly) return { field: name, secret: true, note: "set" };
    return { field: name, after: field === undefined ? value : field.type.normalise(value) };
  });
}

/** @returns both values in words: `ttl is 60 in Vault and 120 in the configuration` */
export function showBoth({ field, before, after }: FieldChange): string {
  const show = (value: unknown) => JSON.stringify(redactIn(value)) ?? "not set";
  return `${field} is ${show(before)} in Vault and ${show(after)} in the configuration`;
}
