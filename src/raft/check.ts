import type { Cluster } from "../connect/connection.ts";
import { AppError } from "../errors.ts";
import type { Vault } from "../vault/client.ts";
import { emptyPlan, type PeerPlan, planPeers } from "./plan.ts";
import { observeRaft } from "./state.ts";
import { reportObsolete, warnOfDeadPeers } from "./warn.ts";

/**
 * Plans the removals that Git declares, and warns of all other dead peers. Writes nothing.
 *
 * @param vault the active member, with the login of vault-hooks
 * @param declared names of pods, or IDs of peers
 * @returns an empty plan if the storage is not Raft; a trouble if the peers cannot be read and Git declares some
 */
export async function checkPeers(cluster: Cluster, vault: Vault, declared: readonly string[]): Promise<PeerPlan> {
  const { log } = cluster.run;
  try {
    const state = await observeRaft(cluster, vault);
    if (state === undefined) return emptyPlan;
    warnOfDeadPeers(log, state, state.peers, declared);
    const planned = planPeers(state, declared);
    reportObsolete(log, planned.obsolete);
    return planned;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (declared.length > 0) return { ...emptyPlan, troubles: [{ peer: declared.join(", "), error }] };
    log.debug({ error: error.message }, "cannot read the Raft peers");
    return emptyPlan;
  }
}
