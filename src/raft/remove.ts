import type { Cluster } from "../connect/connection.ts";
import { underLease } from "../connect/lease.ts";
import { AppError, NotReadyError } from "../errors.ts";
import { until, wasStopped } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";
import { emptyPlan, type PeerPlan, planPeers } from "./plan.ts";
import { observeRaft } from "./state.ts";

export type Removal = {
  /** The names of the peers that were removed. */
  readonly removed: readonly string[];
  /** The peer that could not be removed, and why; undefined if none is left to remove. */
  readonly failed: { readonly peer: string; readonly error: AppError } | undefined;
};

export const noRemoval: Removal = { removed: [], failed: undefined };

/** The next removal. `why` says what it waits for; undefined if it need not wait. */
type Next = { readonly peer: string; readonly why?: string; readonly refusal?: AppError };

/**
 * Removes the dead peers that Git declares, one at a time. Waits until each is dead and the living voters are a quorum, and
 * checks both again under the Lease just before the removal. Peers that must stay are among the troubles of the plan.
 *
 * @param vault the active member, with the login of vault-hooks
 * @param declared names of pods, or IDs of peers
 * @returns the error instead of throwing it, because the caller must still report what was removed
 */
export async function removePeers(cluster: Cluster, vault: Vault, declared: readonly string[]): Promise<Removal> {
  const { deadline, log } = cluster.run;
  const removed: string[] = [];
  let next: Next | undefined;

  async function probe(): Promise<true | undefined> {
    const found = await nextRemoval(cluster, vault, declared);
    if (found === undefined) return true;
    if (found.why !== undefined && found.why !== next?.why) log.info({ peer: found.peer, for: found.why }, "waiting");
    next = found;
    if (found.why === undefined) removed.push(...(await removeUnderLease(cluster, vault, declared)));
    return undefined;
  }

  try {
    await until(`Raft to remove ${declared.join(", ")}`, deadline, probe, () => next?.why ?? "");
    return { removed, failed: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const refusal = wasStopped(deadline.signal) ? undefined : next?.refusal;
    return { removed, failed: { peer: next?.peer ?? declared.join(", "), error: refusal ?? error } };
  }
}

/** @returns undefined if no peer is left to remove */
async function nextRemoval(cluster: Cluster, vault: Vault, declared: readonly string[]): Promise<Next | undefined> {
  try {
    const { removals, wait } = await observeAndPlan(cluster, vault, declared);
    return removals[0] && { peer: removals[0].name, ...wait };
  } catch (error) {
    // a leader is being elected, or the API server does not answer
    const isTransient = error instanceof NotReadyError || (error instanceof VaultError && error.transient);
    if (isTransient) return { peer: declared.join(", "), why: error.message };
    throw error;
  }
}

/**
 * @returns the name of the removed peer; empty if the situation changed in between
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#remove-a-node-from-raft-cluster
 */
async function removeUnderLease(cluster: Cluster, vault: Vault, declared: readonly string[]): Promise<string[]> {
  return await underLease(cluster, async (lost) => {
    const { removals, wait } = await observeAndPlan(cluster, vault, declared);
    const [peer] = removals;
    if (peer === undefined || wait !== undefined || lost.aborted) return [];
    await vault.write("sys/storage/raft/remove-peer", { server_id: peer.id });
    cluster.run.log.info({ peer: peer.name, id: peer.id }, "removed the dead peer from Raft");
    return [peer.name];
  });
}

/** @returns an empty plan if the storage is not Raft */
async function observeAndPlan(cluster: Cluster, vault: Vault, declared: readonly string[]): Promise<PeerPlan> {
  const state = await observeRaft(cluster, vault);
  return state === undefined ? emptyPlan : planPeers(state, declared);
}
