import { underLease } from "../connect/lease.ts";
import type { AppError } from "../errors.ts";
import type { BringUp, Outcome } from "./context.ts";
import { refuse } from "./refuse.ts";
import { untilDecided, type Wait } from "./settle.ts";
import type { ClusterState } from "./state.ts";

export type Nothing = { readonly act: "nothing"; readonly why: string; readonly warning?: string };
export type Refusal = { readonly act: "refuse"; readonly error: AppError };

/** What a look says is to be done next, and what it saw. */
export type Observed<Change> = { readonly state: ClusterState } & (Nothing | Refusal | Change);

export type Work<Change> = {
  /** Completes "gave up waiting for ...". */
  readonly goal: string;
  readonly look: () => Promise<Observed<Change> | Wait>;
  /** Makes one change, under the Lease. @returns what it did; nothing if it did nothing */
  readonly apply: (step: Change & { readonly state: ClusterState }, lost: AbortSignal) => Promise<string | undefined>;
};

/**
 * Looks and changes in turn until there is nothing left to change. Every change is decided by a look under the Lease:
 * someone else may have made it meanwhile.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function reconcile<Change extends { readonly act: string }>(
  bringUp: BringUp,
  { goal, look, apply }: Work<Change>,
): Promise<Outcome> {
  const { cluster } = bringUp;
  const changed: string[] = [];
  async function applyAgain(lost: AbortSignal): Promise<string | undefined> {
    const step = await look();
    return isChange(step) ? await apply(step, lost) : undefined;
  }
  for (;;) {
    const step = await untilDecided(goal, cluster.run, look);
    if (isNothing(step)) {
      if (step.warning !== undefined)
        cluster.run.log.warn({ warning: step.warning }, "nothing to do, but look at this");
      return { changed, why: step.why };
    }
    if (isRefusal(step)) await refuse(bringUp, step, look);
    else {
      const did = await underLease(cluster, applyAgain);
      if (did !== undefined) changed.push(did);
    }
  }
}

type Act = { readonly act: string };

function isNothing<S extends Act>(step: S): step is S & Nothing {
  return step.act === "nothing";
}

function isRefusal<S extends Act>(step: S): step is S & Refusal {
  return step.act === "refuse";
}

function isChange<Change extends Act>(
  step: Observed<Change> | Wait,
): step is Change & { readonly state: ClusterState } {
  return !["wait", "nothing", "refuse"].includes(step.act);
}
