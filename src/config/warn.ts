import type { Logger } from "../logger.ts";
import { heldPolicies, policyPath } from "../resources/policy.ts";
import type { Vault } from "../vault/client.ts";
import type { Desired } from "./load.ts";
import { describeMissing } from "./policies.ts";

/** Says what can be applied, and is probably not what was meant. */
export function warn(log: Logger, warnings: readonly string[]): void {
  for (const warning of warnings) log.warn({ warning }, "the configuration can be applied, but look at this");
}

/**
 * Says which policies are named and do not exist. Vault may have some that nobody declared, so it is asked where it can be.
 * @param vault undefined where there is none to ask
 */
export async function warnOfMissing(log: Logger, desired: Desired, vault?: Vault): Promise<void> {
  const { items, missingPolicies } = desired;
  if (missingPolicies.length === 0) return;
  const held = vault === undefined ? undefined : await heldPolicies({ once: (path) => vault.read(path) });
  const prefix = policyPath("");
  const declared = items.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  const missing = missingPolicies.filter(({ policy }) => !held?.has(policy));
  const known = [...declared, ...(held ?? [])];
  warn(
    log,
    missing.map((each) => describeMissing(each, known, held !== undefined)),
  );
}
