import { NotReadyError } from "../errors.ts";
import type { Run } from "../run.ts";
import { until } from "../util/deadline.ts";

export type Wait = { readonly act: "wait"; readonly for: string };

/**
 * Looks again until there is something to do. A look that Kubernetes gave no answer to counts as "not yet".
 * Logs what it waits for, each time that this changes.
 *
 * @param what completes "gave up waiting for ..."
 * @throws NotReadyError at the deadline, with what the last look was waiting for
 */
export async function untilDecided<D extends { readonly act: string }>(
  what: string,
  { deadline, log }: Pick<Run, "deadline" | "log">,
  look: () => Promise<D | Wait>,
): Promise<D> {
  let reason = "";
  async function probe(): Promise<D | undefined> {
    const decision = await look().catch(unansweredAsWait);
    if (!isWait(decision)) return decision;
    // a look that the deadline cut off tells of that alone, and not of what was waited for
    if (reason !== "" && deadline.signal.aborted) return undefined;
    if (reason !== decision.for) log.info({ for: decision.for }, "waiting");
    reason = decision.for;
    return undefined;
  }
  return await until(what, deadline, probe, () => reason);
}

function isWait(decision: { readonly act: string }): decision is Wait {
  return decision.act === "wait";
}

function unansweredAsWait(error: unknown): Wait {
  if (error instanceof NotReadyError) return { act: "wait", for: error.message };
  throw error;
}
