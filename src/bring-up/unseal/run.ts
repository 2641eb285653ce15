import type { BringUp, Outcome } from "../context.ts";
import { reconcile, type Work } from "../reconcile.ts";
import { recordFirstUnseal } from "../record-unsealed.ts";
import type { ClusterState } from "../state.ts";
import { planUnseal, type UnsealChange } from "./plan.ts";
import { unsealMember } from "./unseal-member.ts";

const work: Work<UnsealChange> = {
  goal: "every member of Vault to be unsealed",
  scope: { storage: false, journal: false },
  plan: planUnseal,
  async apply(bringUp, { pod, state }) {
    await unsealWithCustody(bringUp, state, pod);
    return `unsealed ${pod}`;
  },
};

/**
 * Unseals every member that is initialised and sealed, one by one. Stops at the first that the keys do not fit, or that
 * belongs to a different cluster. Leaves members that are not initialised to `join`.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each names the obstacle and what to do about it
 */
export async function unseal(bringUp: BringUp): Promise<Outcome> {
  return await reconcile(bringUp, work);
}

/** Unseals one member with the keys in `state`. The next observation records its cluster id. */
export async function unsealWithCustody(bringUp: BringUp, state: ClusterState, pod: string): Promise<void> {
  if (state.keys.kind !== "keys") return;
  const { cluster, custody } = bringUp;
  const { run, members } = cluster;
  await recordFirstUnseal(cluster, state);
  const status = await unsealMember(await members.connect(pod), custody, state.keys.keys, run.deadline);
  run.log.info({ pod, cluster: status.clusterId }, "unsealed");
}
