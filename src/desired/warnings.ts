import { partFromSecret } from "../kinds/model/from-secret.ts";
import type { Item, LiveReader } from "../kinds/model/kind.ts";
import { itemNamedBy } from "../kinds/model/reference.ts";
import { SecretReference } from "../kinds/model/secret-reference.ts";
import { isField } from "../kinds/model/spec.ts";
import { isMap, type Values } from "../kinds/model/values.ts";
import { listPolicies, policyPath } from "../kinds/system/policy.ts";
import type { Logger } from "../logger.ts";
import { nearest } from "../util/nearest.ts";
import { isSecretInGit } from "./check/secrets.ts";
import type { Desired } from "./load.ts";
import { describeMissing } from "./missing-policies.ts";
import { byOrigin } from "./origin.ts";
import { showOrigin, suggest, type Warning } from "./problem.ts";

/** Logs warnings about a configuration that can be applied, but is probably not what was intended, in the order of lines. */
export function warn(log: Logger, warnings: readonly Warning[]): void {
  for (const { text } of [...warnings].sort(byOrigin))
    log.warn({ warning: text }, "the configuration can be applied, but is probably not what you intended");
}

/** Mounts that every Vault has. */
const builtInMounts = ["sys/auth/token", "sys/mounts/sys", "sys/mounts/identity", "sys/mounts/cubbyhole"];

/** Suggesting a name takes longer than the rest of a run, and more suggestions than these help nobody. */
const maxSuggestions = 20;

/**
 * Warns of mounts, entities and other objects that references name and the configuration does not declare. Vault may have
 * them nevertheless.
 */
export function undeclaredNames(items: readonly Item[]): Warning[] {
  const declared = new Set([...items.map(({ path }) => path), ...builtInMounts]);
  const missing = items.flatMap(({ at, path, references = [], namespace }) => {
    const prefix = namespace === undefined ? "" : `${namespace}/`;
    const named = references.map((reference) => ({ at, path, reference, name: `${prefix}${itemNamedBy(reference)}` }));
    return named.filter(({ name }) => !declared.has(name));
  });
  return missing.map(({ at, path, reference, name }, i) => {
    const near = i < maxSuggestions ? nearestSibling(name, declared) : undefined;
    const text = `${showOrigin(at)}: ${path} names ${reference}, but ${name} is not declared here${suggest(near)}`;
    return { at, text };
  });
}

/** Warns of each object that has a literal value in a write-only field, which could come from a Secret instead. */
export function literalSecrets(items: readonly Item[]): Warning[] {
  return items.flatMap(({ kind, path, desired, at }) => {
    const fields = literalSecretsIn(kind.fields ?? {}, desired);
    if (fields.length === 0) return [];
    const text = `${fields.join(" and ")} of ${path} ${fields.length === 1 ? "is a literal secret" : "are literal secrets"} in Git`;
    return [
      {
        at,
        text: `${showOrigin(at)}: ${text}; take it from a Kubernetes Secret: {secretKeyRef: {name: NAME, key: KEY}}`,
      },
    ];
  });
}

function literalSecretsIn(fields: NonNullable<Item["kind"]["fields"]>, desired: Values): string[] {
  return Object.entries(desired).flatMap(([name, value]): string[] => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || !isField(field) || !field.writeOnly || partFromSecret(field) === undefined) return [];
    if (!isMap(value) || value instanceof SecretReference) return isSecretInGit(name, value) ? [name] : [];
    return Object.entries(value).flatMap(([key, each]) => (isSecretInGit(key, each) ? [`${name}.${key}`] : []));
  });
}

/** @returns the nearest name among the declared objects under the same path */
function nearestSibling(path: string, declared: ReadonlySet<string>): string | undefined {
  const parent = path.slice(0, path.lastIndexOf("/") + 1);
  const names = [...declared].flatMap((each) => (each.startsWith(parent) ? [each.slice(parent.length)] : []));
  return nearest(path.slice(parent.length), names);
}

/**
 * Warns of each policy that is named and does not exist. Asks Vault where possible, since it may have policies that the
 * configuration does not declare.
 *
 * @param reader undefined if there is no Vault to ask
 */
export async function missingPolicyWarnings(desired: Desired, reader?: LiveReader): Promise<Warning[]> {
  const { items, missingPolicies } = desired;
  if (missingPolicies.length === 0) return [];
  const held = reader === undefined ? undefined : await listPolicies(reader);
  const prefix = policyPath("");
  const declared = items.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  const missing = missingPolicies.filter(({ policy }) => !held?.has(policy));
  const known = [...declared, ...(held ?? [])];
  return missing.map((each) => ({ at: each.at, text: describeMissing(each, known, held !== undefined) }));
}
