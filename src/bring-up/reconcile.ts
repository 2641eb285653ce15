import { underLease } from "../connect/lease.ts";
import type { Recovery } from "../custody/recovery.ts";
import { NotReadyError } from "../errors.ts";
import { until, wasStopped } from "../util/deadline.ts";
import type { BringUp, Outcome } from "./context.ts";
import { observe, type Scope } from "./observe.ts";
import { recordUnsealed } from "./record-unsealed.ts";
import type { ClusterState } from "./state.ts";
import type { Nothing, Refusal, Step, Wait } from "./step.ts";
import { startMs } from "./time-limits.ts";

type Act = { readonly act: string };
type Seen = { readonly state: ClusterState };

/** One command: how it decides its next change, and how it makes it. */
export type Work<Change extends Act> = {
  /** Completes "gave up waiting for ...". */
  readonly goal: string;
  readonly scope: Scope;
  readonly plan: (state: ClusterState, recovery: Recovery) => Step<Change>;
  /** Makes one change, under the Lease. @returns a description of the change; undefined if nothing was changed */
  readonly apply: (bringUp: BringUp, change: Change & Seen, lost: AbortSignal) => Promise<string | undefined>;
};

/**
 * Observes, plans and applies until nothing is left to change. Every change is planned again under the Lease, because
 * another run may have made it in between.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each names the obstacle and what to do about it
 */
export async function reconcile<Change extends Act>(bringUp: BringUp, work: Work<Change>): Promise<Outcome> {
  const { cluster } = bringUp;
  const changed: string[] = [];
  for (;;) {
    const step = await untilDecided(bringUp, work);
    if (isNothing(step)) {
      const { why, warning } = step;
      if (warning === undefined) return { changed, why };
      cluster.run.log.warn({ warning }, "nothing left to do, with a warning");
      return { changed, why, warning };
    }
    if (isRefusal(step)) await refuse(bringUp, work, step);
    else {
      const change = await underLease(cluster, (lost) => applyNext(bringUp, work, lost));
      if (change !== undefined) changed.push(change);
    }
  }
}

/** Observes the cluster, records that an unsealed Vault is in use, and returns the next step with the state it is based on. */
export async function observeAndPlan<Change extends Act>(
  { cluster, custody, recovery }: BringUp,
  { scope, plan }: Pick<Work<Change>, "scope" | "plan">,
): Promise<Step<Change> & Seen> {
  const state = await observe(cluster, custody, scope);
  await recordUnsealed(cluster, state);
  return { ...plan(state, recovery), state };
}

async function applyNext<Change extends Act>(
  bringUp: BringUp,
  work: Work<Change>,
  lost: AbortSignal,
): Promise<string | undefined> {
  const step = await observeAndPlan(bringUp, work);
  if (isWait(step) || isNothing(step) || isRefusal(step)) return undefined;
  return await work.apply(bringUp, step, lost);
}

/**
 * Observes and plans until the step is not a wait. A NotReadyError, such as no answer from Kubernetes, counts as a wait.
 * Logs the reason of the wait each time it changes.
 *
 * @returns the first other step; or `otherwise` of the wait, `startMs` after the first such wait, or at the deadline
 * @throws NotReadyError at the deadline, with the last reason; or when a signal such as SIGTERM stopped the run
 */
async function untilDecided<Change extends Act>(
  bringUp: BringUp,
  work: Work<Change>,
): Promise<(Exclude<Step<Change>, Wait> & Seen) | Nothing> {
  const { deadline, log } = bringUp.cluster.run;
  let last: Wait | undefined;
  let since: number | undefined;
  async function probe() {
    const step = await observeAndPlan(bringUp, work).catch(toWait);
    if (!isWait(step)) return step;
    // an observation that the deadline cut off would hide the real reason
    if (last !== undefined && deadline.signal.aborted) return undefined;
    if (last?.for !== step.for) log.info({ for: step.for }, "waiting");
    last = step;
    if (step.otherwise === undefined) return undefined;
    since ??= performance.now();
    return performance.now() - since < startMs ? undefined : step.otherwise;
  }
  try {
    return await until(work.goal, deadline, probe, () => last?.for ?? "");
  } catch (error) {
    const timedOut = error instanceof NotReadyError && !wasStopped(deadline.signal);
    if (timedOut && last?.otherwise !== undefined) return last.otherwise;
    throw error;
  }
}

/**
 * Checks a refusal before throwing it. While another run initialises Vault, the keys seem to be lost until that run has stored
 * them. It holds the Lease, so this run waits for the Lease and plans again. The same applies wherever custody has no keys:
 * custody may have been read before Vault was.
 *
 * @returns if there is nothing to refuse any more
 * @throws the refusal; NotReadyError while the other run is at work
 */
async function refuse<Change extends Act>(
  bringUp: BringUp,
  work: Work<Change>,
  refusal: Refusal & Seen,
): Promise<void> {
  if (refusal.state.keys.kind !== "none") throw refusal.error;
  const again = await underLease(bringUp.cluster, () => observeAndPlan(bringUp, work));
  if (isRefusal(again)) throw again.error;
}

function toWait(error: unknown): Wait {
  if (error instanceof NotReadyError) return { act: "wait", for: error.message };
  throw error;
}

function isWait<S extends Act>(step: S): step is Extract<S, Wait> {
  return step.act === "wait";
}

function isNothing<S extends Act>(step: S): step is Extract<S, Nothing> {
  return step.act === "nothing";
}

function isRefusal<S extends Act>(step: S): step is Extract<S, Refusal> {
  return step.act === "refuse";
}
