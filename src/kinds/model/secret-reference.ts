import type { Values } from "./values.ts";

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

/** @param field as a plan names it: `password`, `config.password`, `data.password`. @returns each Secret once */
export function sourcesOf(uses: readonly SecretUse[], field: string): Source[] {
  const isWithin = ({ path }: SecretUse) => path.some((_, i) => path.slice(0, i + 1).join(".") === field);
  const sources = uses.filter(isWithin).map(({ from }): Source => ({ secret: from.name, key: from.key }));
  return [...new Map(sources.map((each) => [`${each.secret} ${each.key}`, each])).values()];
}
