import { isMap, type Values } from "./values.ts";

/**
 * The key of a Kubernetes Secret, in place of a value: `{secretKeyRef: {name: db, key: password}}`. It stands in `desired` until a run
 * has read the Secret (docs/adr/0030-values-from-secrets.md).
 */
export class SecretReference {
  readonly name: string;
  readonly key: string;

  constructor(name: string, key: string) {
    this.name = name;
    this.key = key;
  }
}

/** A place in an object whose value comes from a Secret. `path` is the field, and the keys and indexes in its value. */
export type SecretUse = { readonly path: readonly string[]; readonly from: SecretReference };

/** The Secret that a value comes from, for people. */
export type Source = { readonly secret: string; readonly key: string };

/** @returns every reference to a Secret in a value, at any depth */
export function secretUsesIn(value: unknown, path: readonly string[] = []): SecretUse[] {
  if (value instanceof SecretReference) return [{ path, from: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => secretUsesIn(each, [...path, key]));
}

/** Whether a value comes from a Secret that was not read, or has a part that does. */
export function holdsSecretReference(value: unknown): boolean {
  return secretUsesIn(value).length > 0;
}

/** Whether Vault has a value that a Secret may hold too: a string, or what Vault makes of one, and not an empty one. */
export function hasValue(live: unknown): boolean {
  return live !== undefined && live !== null && !isMap(live) && String(live).trim() !== "";
}

/**
 * Makes a value comparable whose Secrets were not read: only the places of the references are unknown.
 *
 * @param live the value in Vault
 * @returns the value with Vault's values in place of the references; where Vault has none, the reference stays, which is a difference
 */
export function withLiveValues(value: unknown, live: unknown): unknown {
  if (value instanceof SecretReference) return hasValue(live) ? live : value;
  if (!holdsSecretReference(value)) return value;
  const liveAt = (key: string) => (Object.hasOwn(Object(live), key) ? (live as Values)[key] : undefined);
  if (Array.isArray(value)) return value.map((each, i) => withLiveValues(each, liveAt(String(i))));
  const entries = isMap(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([key, each]) => [key, withLiveValues(each, liveAt(key))]));
}

type ValueFor = (reference: SecretReference) => string | SecretReference;

/**
 * @param valueFor returns the reference itself if there is no value for it
 * @returns the fields with the values of Secrets in place of the references
 */
export function withSecretValues(desired: Values, valueFor: ValueFor): Values {
  return substitute(desired, valueFor) as Values;
}

function substitute(value: unknown, valueFor: ValueFor): unknown {
  if (value instanceof SecretReference) return valueFor(value);
  if (typeof value !== "object" || value === null || !holdsSecretReference(value)) return value;
  if (Array.isArray(value)) return value.map((each) => substitute(each, valueFor));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, substitute(each, valueFor)]));
}

/** @param field as a plan names it: `password`, `config.password`, `data.password` */
export function isWithin(field: string, { path }: SecretUse): boolean {
  return path.some((_, i) => path.slice(0, i + 1).join(".") === field);
}

/** @param field as a plan names it. @returns each Secret once */
export function sourcesOf(uses: readonly SecretUse[], field: string): Source[] {
  const sources = uses
    .filter((use) => isWithin(field, use))
    .map(({ from }): Source => ({ secret: from.name, key: from.key }));
  return [...new Map(sources.map((each) => [`${each.secret} ${each.key}`, each])).values()];
}
