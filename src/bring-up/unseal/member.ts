import { awaitStatus, type NotYet, readStatusOnce } from "../../connect/await-status.ts";
import type { MemberStatus } from "../../connect/member-status.ts";
import type { Custody, Keys } from "../../custody/custody.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import { type Deadline, until } from "../../util/deadline.ts";
import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { replaceKeys } from "../refusals.ts";
import { shareSets } from "./share-sets.ts";

/** How keys are named to people. */
type CustodyNames = Pick<Custody, "where" | "shareName">;

/**
 * Opens one sealed member and waits until it is open and tells its cluster id. Vault checks only the whole key, so
 * while there are spare shares other sets are tried; of a set that did not fit nothing stays in Vault.
 *
 * @throws RefusedError if no set of shares opens it, naming the sets; NotReadyError at the deadline
 * @see https://developer.hashicorp.com/vault/api-docs/system/unseal
 */
export async function unsealMember(
  vault: Vault,
  custody: CustodyNames,
  keys: Keys,
  deadline: Deadline,
): Promise<MemberStatus> {
  const { threshold } = await awaitStatus(vault, deadline, "tell its threshold", tellsThreshold);
  if (keys.shares.length < threshold) throw tooFew(vault, custody, keys, threshold);
  const tried: string[] = [];
  for (const set of shareSets(keys.shares.length, threshold)) {
    if (await fits(vault, keys, set, deadline)) return await awaitStatus(vault, deadline, "open", isOpen);
    tried.push(set.map(custody.shareName).join(" + "));
  }
  await send(vault, { reset: true });
  throw new RefusedError(`${vault.name} does not open with the keys of ${custody.where}: tried ${tried.join(", ")}`, {
    todo:
      `At least one share of each set is wrong, or ${vault.name} holds another Vault's data. Restore the keys that ` +
      "belong to it from a backup (or the archive); the other members were not touched after this one. " +
      `If Vault was rekeyed since: ${replaceKeys(custody.where)}`,
  });
}

/** Tries one set until Vault has a verdict: an answer that was lost, or a Vault still busy joining, has none. */
async function fits(vault: Vault, keys: Keys, set: readonly number[], deadline: Deadline): Promise<boolean> {
  let reason = "";
  async function probe(): Promise<boolean | undefined> {
    const verdict = await trySet(vault, keys, set);
    if (typeof verdict === "boolean") return verdict;
    reason = verdict.notYet;
    return undefined;
  }
  return await until(`${vault.name} to take a whole set of shares`, deadline, probe, () => reason);
}

type ShareResult = boolean | NotYet;

async function trySet(vault: Vault, keys: Keys, set: readonly number[]): Promise<ShareResult> {
  const before = await readStatusOnce(vault);
  if ("notYet" in before) return before;
  if (!before.sealed) return true;
  // someone else's shares, or our own of a try whose answer was lost
  if (before.progress > 0) await send(vault, { reset: true });
  for (const index of set) {
    const verdict = await send(vault, { key: keys.shares[index] });
    if (verdict !== undefined) return verdict;
  }
  const after = await readStatusOnce(vault);
  if ("notYet" in after) return after;
  // with no shares pending the set was whole; a joining member opens a moment later
  return after.progress === 0 || !after.sealed ? true : { notYet: "another client unseals it at the same time" };
}

/** @returns undefined if Vault took it */
async function send(vault: Vault, body: Record<string, unknown>): Promise<ShareResult | undefined> {
  try {
    await vault.write("sys/unseal", body, { once: true });
    return undefined;
  } catch (error) {
    if (error instanceof NotReadyError) return { notYet: error.message };
    if (!(error instanceof VaultError)) throw error;
    if (hasNothingToOpen(error)) throw notJoined(vault, error);
    return isWrongKey(error) ? false : { notYet: error.message };
  }
}

/**
 * 400 is Vault's word for a key that does not fit. A joining member says it by 500, when the leader's challenge does
 * not decrypt; its other 500s pass (vault#25360: "invalid key size" while it still learns how many shares it needs).
 */
function isWrongKey(error: VaultError): boolean {
  if (error.errors.some((text) => text.includes("message authentication failed"))) return true;
  return error.status === 400;
}

/** Vault keeps in memory alone that it joins: once restarted it must be asked again, and says this by 400 too. */
function hasNothingToOpen({ errors }: VaultError): boolean {
  return errors.some((text) => text.includes("is not initialized"));
}

function notJoined(vault: Vault, cause: VaultError): NotReadyError {
  return new NotReadyError(`${vault.name} is not initialised: it was restarted before it had joined`, {
    cause,
    todo: "Run join again.",
  });
}

function tellsThreshold({ threshold, sealed }: MemberStatus): boolean {
  return threshold > 0 || !sealed;
}

function isOpen({ sealed, clusterId }: MemberStatus): boolean {
  return !sealed && clusterId !== undefined;
}

function tooFew(vault: Vault, custody: CustodyNames, keys: Keys, threshold: number): RefusedError {
  const has = keys.shares.length;
  return new RefusedError(`${vault.name} needs ${threshold} shares, and ${custody.where} has ${has}`, {
    todo: `Vault was rekeyed since. ${replaceKeys(custody.where)}`,
  });
}
