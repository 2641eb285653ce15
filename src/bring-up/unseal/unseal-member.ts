import { awaitStatus, type NotYet, readStatusOnce } from "../../connect/await-status.ts";
import type { MemberStatus } from "../../connect/member-status.ts";
import type { Custody, Keys } from "../../custody/custody.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import { type Deadline, until } from "../../util/deadline.ts";
import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { replaceKeysHint } from "../refusals.ts";
import { shareSets } from "./share-sets.ts";

type CustodyNames = Pick<Custody, "where" | "shareName">;

/**
 * Unseals one sealed member and waits until it reports its cluster id. Vault checks a key only once all its shares are there,
 * so further sets are tried while there are spare shares. A set that does not fit leaves nothing behind in Vault.
 *
 * @returns the status of the unsealed member
 * @throws RefusedError if no set of shares fits, naming the sets that were tried; NotReadyError at the deadline
 * @see https://developer.hashicorp.com/vault/api-docs/system/unseal
 */
export async function unsealMember(
  vault: Vault,
  custody: CustodyNames,
  keys: Keys,
  deadline: Deadline,
): Promise<MemberStatus> {
  const { threshold } = await awaitStatus(vault, deadline, "report its threshold", hasThreshold);
  if (keys.shares.length < threshold) throw tooFew(vault, custody, keys, threshold);
  const tried: string[] = [];
  for (const set of shareSets(keys.shares.length, threshold)) {
    if (await fits(vault, keys, set, deadline)) return await awaitStatus(vault, deadline, "be unsealed", isUnsealed);
    tried.push(set.map(custody.shareName).join(" + "));
  }
  await send(vault, { reset: true });
  throw doesNotFit(vault, custody, tried);
}

/** Retries one set until Vault accepts or rejects it, because the response may be lost, or Vault may be busy joining. */
async function fits(vault: Vault, keys: Keys, set: readonly number[], deadline: Deadline): Promise<boolean> {
  let reason = "";
  async function probe(): Promise<boolean | undefined> {
    const result = await trySet(vault, keys, set);
    if (typeof result === "boolean") return result;
    reason = result.notYet;
    return undefined;
  }
  return await until(`${vault.name} to accept a set of shares`, deadline, probe, () => reason);
}

/** Whether the shares fit, or why that is not known yet. */
type ShareResult = boolean | NotYet;

async function trySet(vault: Vault, keys: Keys, set: readonly number[]): Promise<ShareResult> {
  const before = await readStatusOnce(vault);
  if ("notYet" in before) return before;
  if (!before.sealed) return true;
  // shares from another client, or from an attempt of this run whose response was lost
  if (before.progress > 0) await send(vault, { reset: true });
  for (const index of set) {
    const result = await send(vault, { key: keys.shares[index] });
    if (result !== undefined) return result;
  }
  const after = await readStatusOnce(vault);
  if ("notYet" in after) return after;
  // no shares are pending, so Vault took all of them; a joining member is unsealed a moment later
  return after.progress === 0 || !after.sealed ? true : { notYet: "another client unseals it at the same time" };
}

/** @returns undefined if Vault accepted it */
async function send(vault: Vault, body: Record<string, unknown>): Promise<ShareResult | undefined> {
  try {
    await vault.write("sys/unseal", body, { once: true });
    return undefined;
  } catch (error) {
    if (error instanceof NotReadyError) return { notYet: error.message };
    if (!(error instanceof VaultError)) throw error;
    if (isNotInitialised(error)) throw notJoined(vault, error);
    return isWrongKey(error) ? false : { notYet: error.message };
  }
}

/**
 * Vault answers 400 to a wrong key. A joining member answers 500, when the leader's challenge does not decrypt; its other
 * 500s are transient (vault#25360: "invalid key size" before it has learnt how many shares it needs).
 */
function isWrongKey(error: VaultError): boolean {
  if (error.errors.some((text) => text.includes("message authentication failed"))) return true;
  return error.status === 400;
}

/** A joining member keeps that state only in memory. After a restart it answers 400 here, and must be asked to join again. */
function isNotInitialised({ errors }: VaultError): boolean {
  return errors.some((text) => text.includes("is not initialized"));
}

function notJoined(vault: Vault, cause: VaultError): NotReadyError {
  return new NotReadyError(`${vault.name} is not initialised: it was restarted before it had joined`, {
    cause,
    todo: "Run join again.",
  });
}

function hasThreshold({ threshold, sealed }: MemberStatus): boolean {
  return threshold > 0 || !sealed;
}

function isUnsealed({ sealed, clusterId }: MemberStatus): boolean {
  return !sealed && clusterId !== undefined;
}

function tooFew(vault: Vault, custody: CustodyNames, keys: Keys, threshold: number): RefusedError {
  const count = keys.shares.length;
  return new RefusedError(`${vault.name} needs ${threshold} shares, and ${custody.where} has ${count}`, {
    todo: `Vault was rekeyed since. ${replaceKeysHint(custody.where)}`,
  });
}

function doesNotFit(vault: Vault, custody: CustodyNames, tried: readonly string[]): RefusedError {
  return new RefusedError(`the keys of ${custody.where} do not unseal ${vault.name}: tried ${tried.join(", ")}`, {
    todo:
      `At least one share of each set is wrong, or ${vault.name} holds another Vault's data. Restore the keys that ` +
      "belong to it from a backup (or the archive); the remaining members were not touched. " +
      `If Vault was rekeyed since: ${replaceKeysHint(custody.where)}`,
  });
}
