import type { BringUp } from "../bring-up/context.ts";
import { applyJoin } from "../bring-up/join/run.ts";
import { observeAndPlan } from "../bring-up/reconcile.ts";
import type { ClusterState } from "../bring-up/state.ts";
import { underLease } from "../connect/lease.ts";
import { AppError, NotReadyError } from "../errors.ts";
import { deadlineIn } from "../util/deadline.ts";
import { planRepair } from "./plan.ts";

/** How long one member may take to be unsealed or to join, in milliseconds. A member that hangs holds up the others no longer. */
const changeMs = 10_000;
/** How long a hook that holds the Lease is waited for, in milliseconds; then the next attempt waits again. */
const leaseMs = 60_000;

export type RepairEvents = {
  /** The pods whose backoff has not ended yet, at this moment. */
  backingOff(): ReadonlySet<string>;
  changed(change: "unseal" | "join", pod: string): void;
  failed(change: "unseal" | "join" | undefined, pod: string | undefined, error: AppError): void;
};

type Ends = {
  /** Begin nothing new after this. */
  readonly end: AbortSignal;
  /** Give up a change that is in progress. */
  readonly drain: AbortSignal;
};

/**
 * Repairs every member that can be repaired, one by one, under the Lease that the hooks take. Observes anew before each
 * change, as the hooks do. A failed member does not end the repair, an error that concerns all members does.
 *
 * @returns whether anything was tried; false if it could only wait, for a leader for example
 */
export async function repair(bringUp: BringUp, { end, drain }: Ends, events: RepairEvents): Promise<boolean> {
  let tried = false;
  const waiting = limited(bringUp, leaseMs, end);
  try {
    await underLease(waiting.cluster, async (lost) => {
      const stop = AbortSignal.any([end, lost]);
      const cut = AbortSignal.any([drain, lost]);
      while (!stop.aborted && (await repairNext(bringUp, cut, events))) tried = true;
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (!end.aborted) events.failed(undefined, undefined, error);
    return true;
  }
  return tried;
}

/** @returns whether there may be more to do */
async function repairNext(bringUp: BringUp, cut: AbortSignal, events: RepairEvents): Promise<boolean> {
  const plan = (state: ClusterState) => planRepair(state, events.backingOff());
  const step = await observeAndPlan(bringUp, { scope: { storage: false, journal: false }, plan });
  if (step.act === "refuse" && !(step.error instanceof NotReadyError)) throw step.error;
  if (step.act !== "join" && step.act !== "unseal") return false;
  try {
    await applyJoin(limited(bringUp, changeMs, cut), step);
    events.changed(step.act, step.pod);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    events.failed(step.act, step.pod, error);
  }
  return true;
}

/** The same context with a deadline of its own. */
function limited(bringUp: BringUp, timeoutMs: number, stop: AbortSignal): BringUp {
  const { cluster } = bringUp;
  return { ...bringUp, cluster: { ...cluster, run: { ...cluster.run, deadline: deadlineIn(timeoutMs, stop) } } };
}
