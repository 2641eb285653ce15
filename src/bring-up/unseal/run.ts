import type { BringUp, Outcome } from "../context.ts";
import { observe } from "../observe.ts";
import { type Nothing, type Observed, type Refusal, reconcile } from "../reconcile.ts";
import { recordFirstUse, recordOpened } from "../record-opened.ts";
import type { Wait } from "../settle.ts";
import type { ClusterState } from "../state.ts";
import { unsealMember } from "./member.ts";
import { planUnseal, type UnsealStep } from "./plan.ts";

type Change = Exclude<UnsealStep, Nothing | Refusal>;

/**
 * Opens every member that is initialised and sealed, one by one, and stops at the first that does not open or turns
 * out to be of another cluster. Members that are not initialised are left for `join`.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function unseal(bringUp: BringUp): Promise<Outcome> {
  return await reconcile<Change>(bringUp, {
    goal: "every member of Vault to be open",
    look: () => look(bringUp),
    apply: async ({ state, pod }) => {
      await openMember(bringUp, state, pod);
      return `unsealed ${pod}`;
    },
  });
}

async function look(bringUp: BringUp): Promise<Observed<Change> | Wait> {
  const state = await observe(bringUp.cluster, bringUp.custody, { storage: false, journal: false });
  await recordOpened(bringUp, state);
  const step = planUnseal(state);
  return step.act === "wait" ? step : { ...step, state };
}

/** Opens one member by the keys of this state; the next look notes what is only known once it is open. */
export async function openMember(bringUp: BringUp, state: ClusterState, pod: string): Promise<void> {
  if (state.keys.kind !== "keys") return;
  const { run, members } = bringUp.cluster;
  await recordFirstUse(bringUp, state);
  const status = await unsealMember(await members.connect(pod), bringUp.custody, state.keys.keys, run.deadline);
  run.log.info({ pod, cluster: status.clusterId }, "unsealed");
}
