import type { BringUp, Outcome } from "./context.ts";
import { underLease } from "./lease.ts";
import { noteOpen, noteUse } from "./note-use.ts";
import { observe } from "./observe.ts";
import { planUnseal, type UnsealStep } from "./plan-unseal.ts";
import { refuse } from "./refusal.ts";
import { settle, type Wait } from "./settle.ts";
import type { ClusterState } from "./state.ts";
import { unsealMember } from "./unseal-member.ts";

type Looked = UnsealStep & { readonly state: ClusterState };

/**
 * Opens every member that is initialised and sealed, one by one, and stops at the first that does not open or turns
 * out to be of another cluster. Members that are not initialised are left for `join`.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function unseal(bringUp: BringUp): Promise<Outcome> {
  const { log } = bringUp.cluster.run;
  const changed: string[] = [];
  for (;;) {
    const step = await settle("every member of Vault to be open", bringUp.cluster.run, () => look(bringUp));
    if (step.act === "refuse") {
      await refuse(bringUp, step, () => look(bringUp));
      continue;
    }
    if (step.act === "nothing") {
      if (step.warning !== undefined) log.warn({ warning: step.warning }, "a member stays sealed");
      return { changed, why: step.why };
    }
    const did = await underLease(bringUp.cluster, () => applyAgain(bringUp));
    if (did !== undefined) changed.push(did);
  }
}

async function applyAgain(bringUp: BringUp): Promise<string | undefined> {
  const step = await look(bringUp);
  if (step.act !== "unseal") return undefined;
  await openMember(bringUp, step.state, step.pod);
  return `unsealed ${step.pod}`;
}

async function look(bringUp: BringUp): Promise<Looked | Wait> {
  const state = await observe(bringUp.cluster, bringUp.custody, { storage: false, journal: false });
  await noteOpen(bringUp, state);
  const step = planUnseal(state);
  return step.act === "wait" ? step : { ...step, state };
}

/** Opens one member by the keys of this state; the next look notes what is only known once it is open. */
export async function openMember(bringUp: BringUp, state: ClusterState, pod: string): Promise<void> {
  if (state.keys.kind !== "keys") return;
  const { run, reach } = bringUp.cluster;
  await noteUse(bringUp, state);
  const status = await unsealMember(await reach.member(pod), bringUp.custody, state.keys.keys, run.deadline);
  run.log.info({ pod, cluster: status.clusterId }, "unsealed");
}
