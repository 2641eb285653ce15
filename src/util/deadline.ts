import { setTimeout as delay } from "node:timers/promises";
import { NotReadyError } from "../errors.ts";
import { backoff } from "./backoff.ts";

/** A point in time after which waiting is pointless, and the signal that ends waiting early (SIGTERM, or the deadline). */
export type Deadline = { readonly at: number; readonly signal: AbortSignal };

/**
 * @param timeoutMs how long from now, in milliseconds
 * @param stop aborts early, for example on SIGTERM
 */
export function deadlineIn(timeoutMs: number, stop?: AbortSignal): Deadline {
  const timer = AbortSignal.timeout(timeoutMs);
  return { at: Date.now() + timeoutMs, signal: stop ? AbortSignal.any([timer, stop]) : timer };
}

/** Milliseconds left, never below zero. */
export function left(deadline: Deadline): number {
  return Math.max(0, deadline.at - Date.now());
}

/**
 * Asks `probe` until it answers something else than undefined. Asks at once, then after growing pauses (100 ms to 2 s).
 *
 * @param what what is waited for, to complete the sentence "gave up waiting for ..."
 * @param probe returns undefined for "not yet"; what it throws ends the wait
 * @param reason told at the end: why it was not yet ready
 * @throws NotReadyError at the deadline or when the signal aborts
 */
export async function until<T>(
  what: string,
  deadline: Deadline,
  probe: () => Promise<T | undefined>,
  reason: () => string = () => "",
): Promise<T> {
  const pause = backoff({ first: 100, factor: 1.5, longest: 2000 });
  for (;;) {
    if (deadline.signal.aborted) throw gaveUp(what, deadline.signal, reason());
    const answer = await probe();
    if (answer !== undefined) return answer;
    try {
      await delay(pause(), undefined, { signal: deadline.signal });
    } catch {
      throw gaveUp(what, deadline.signal, reason());
    }
  }
}

/** Whether it was told to stop, and not just out of time. */
export function wasStopped({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as { name?: unknown } | undefined)?.name !== "TimeoutError";
}

/** The error of a wait that ended without what it waited for. */
export function gaveUp(what: string, signal: AbortSignal, reason: string): NotReadyError {
  const why = wasStopped(signal) ? "told to stop while waiting for" : "gave up waiting for";
  return new NotReadyError(`${why} ${what}${reason ? `: ${reason}` : ""}`, {
    todo: "Run it again once the cause is gone; nothing is lost. --timeout sets how long it waits.",
  });
}

/** Waits for what heeds no signal, and no longer than until the signal aborts. @throws its reason then */
export async function orAborted<T>(signal: AbortSignal, act: Promise<T>): Promise<T> {
  // a signal that has aborted already tells nobody
  if (signal.aborted) act.catch(() => undefined);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([act, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
