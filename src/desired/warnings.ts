import type { Item, Live } from "../kinds/model/kind.ts";
import { itemNamedBy } from "../kinds/model/reference.ts";
import { heldPolicies, policyPath } from "../kinds/system/policy.ts";
import type { Logger } from "../logger.ts";
import { nearest } from "../util/nearest.ts";
import type { Desired } from "./load.ts";
import { describeMissing } from "./policies.ts";
import { showMeant, showOrigin } from "./problem.ts";

/** Says what can be applied, and is probably not what was meant. */
export function warn(log: Logger, warnings: readonly string[]): void {
  for (const warning of warnings) log.warn({ warning }, "the configuration can be applied, but look at this");
}

const ownMounts = ["sys/auth/token", "sys/mounts/sys", "sys/mounts/identity", "sys/mounts/cubbyhole"];

/** Looking for the name that was perhaps meant takes longer than all the rest: more of them help nobody. */
const mostGuesses = 20;

/** Which mounts, entities and the like are named and not declared: without a Vault nobody knows whether it has them. */
export function undeclaredNames(items: readonly Item[]): string[] {
  const declared = new Set([...items.map(({ path }) => path), ...ownMounts]);
  const missing = items.flatMap(({ at, path, references = [], namespace }) => {
    const prefix = namespace === undefined ? "" : `${namespace}/`;
    const named = references.map((reference) => ({ at, path, reference, name: `${prefix}${itemNamedBy(reference)}` }));
    return named.filter(({ name }) => !declared.has(name));
  });
  return missing.map(({ at, path, reference, name }, i) => {
    const near = i < mostGuesses ? nearestBeside(name, declared) : undefined;
    return `${showOrigin(at)}: ${path} names ${reference}, and ${name} is not declared here${showMeant(near)}`;
  });
}

/** Of the objects under the same path, the name of the one that was perhaps meant. */
function nearestBeside(path: string, declared: ReadonlySet<string>): string | undefined {
  const beside = path.slice(0, path.lastIndexOf("/") + 1);
  const names = [...declared].flatMap((each) => (each.startsWith(beside) ? [each.slice(beside.length)] : []));
  return nearest(path.slice(beside.length), names);
}

/**
 * Says which policies are named and do not exist. Vault may have some that nobody declared, so it is asked where it can be.
 * @param live undefined where there is no Vault to ask
 */
export async function warnOfMissing(log: Logger, desired: Desired, live?: Live): Promise<void> {
  const { items, missingPolicies } = desired;
  if (missingPolicies.length === 0) return;
  const held = live === undefined ? undefined : await heldPolicies(live);
  const prefix = policyPath("");
  const declared = items.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  const missing = missingPolicies.filter(({ policy }) => !held?.has(policy));
  const known = [...declared, ...(held ?? [])];
  warn(
    log,
    missing.map((each) => describeMissing(each, known, held !== undefined)),
  );
}
