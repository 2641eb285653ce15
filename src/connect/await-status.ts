import { NotReadyError } from "../errors.ts";
import { type Deadline, until } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";
import { type MemberStatus, readStatus } from "./member-status.ts";

/** The reason why there is no status yet. */
export type NotYet = { readonly notYet: string };

/** Reads the status once. A member that is busy or does not answer is reported as `notYet`, and does not throw. */
export async function readStatusOnce(vault: Vault): Promise<MemberStatus | NotYet> {
  try {
    return await readStatus(vault);
  } catch (error) {
    if (error instanceof NotReadyError || error instanceof VaultError) return { notYet: error.message };
    throw error;
  }
}

/**
 * Waits until a member's status meets a condition.
 * @param what completes "gave up waiting for vault-0 to ..."
 * @returns the first status that meets it
 * @throws NotReadyError at the deadline, with the last status
 */
export async function awaitStatus(
  vault: Vault,
  deadline: Deadline,
  what: string,
  condition: (status: MemberStatus) => boolean,
): Promise<MemberStatus> {
  let reason = "";
  async function probe(): Promise<MemberStatus | undefined> {
    const status = await readStatusOnce(vault);
    if ("notYet" in status) {
      reason = status.notYet;
      return undefined;
    }
    reason = `it is ${status.sealed ? "sealed" : "unsealed"}, ${leaderOf(status)}`;
    return condition(status) ? status : undefined;
  }
  return await until(`${vault.name} to ${what}`, deadline, probe, () => reason);
}

function leaderOf({ active, leader }: MemberStatus): string {
  if (active) return "and the leader";
  return leader === undefined ? "and knows no leader" : `and follows ${leader}`;
}
