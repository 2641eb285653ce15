import { setTimeout as delay } from "node:timers/promises";
import { NotReadyError } from "../errors.ts";
import { backoff } from "./backoff.ts";

/**
 * When to stop waiting, and a signal that aborts then, or earlier (SIGTERM). `at` is in milliseconds of `performance.now()`,
 * which is monotonic: the wall clock jumps when it is set.
 */
export type Deadline = { readonly at: number; readonly signal: AbortSignal };

/**
 * A deadline that starts now.
 * @param timeoutMs in milliseconds
 * @param stop aborts early, for example on SIGTERM
 */
export function deadlineIn(timeoutMs: number, stop?: AbortSignal): Deadline {
  // the rest of another deadline has a fraction, which AbortSignal does not take
  const timer = AbortSignal.timeout(Math.ceil(timeoutMs));
  return { at: performance.now() + timeoutMs, signal: stop ? AbortSignal.any([timer, stop]) : timer };
}

/**
 * A deadline that starts again each time it is read: for a connection that outlives each of its calls.
 * @param timeoutMs of one call, in milliseconds
 * @param stop aborts early, for example on SIGTERM
 */
export function renewedDeadline(timeoutMs: number, stop?: AbortSignal): Deadline {
  return {
    get at() {
      return performance.now() + timeoutMs;
    },
    get signal() {
      return deadlineIn(timeoutMs, stop).signal;
    },
  };
}

/** Milliseconds until the deadline; 0 once it has passed. */
export function left(deadline: Deadline): number {
  return Math.max(0, deadline.at - performance.now());
}

/**
 * Calls `probe` until it returns something other than undefined: at once, then after growing pauses (100 ms to 2 s).
 *
 * @param what completes "gave up waiting for ..."
 * @param probe returns undefined for "not yet"; an error that it throws ends the wait
 * @param reason why it is not ready yet, for the error at the deadline
 * @returns the first result of `probe`
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

/** Whether a signal such as SIGTERM aborted it, and not its timeout. */
export function wasStopped({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as { name?: unknown } | undefined)?.name !== "TimeoutError";
}

/** The error of a wait that ended without a result. @param what completes "gave up waiting for ..." */
export function gaveUp(what: string, signal: AbortSignal, reason: string): NotReadyError {
  const verb = wasStopped(signal) ? "stopped while waiting for" : "gave up waiting for";
  return new NotReadyError(`${verb} ${what}${reason ? `: ${reason}` : ""}`, {
    todo: "Run it again once the cause is gone; nothing is lost. --timeout sets the longest wait.",
  });
}

/** Awaits a promise, but not longer than `ms` milliseconds. @returns undefined if it was pending until then */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/** Awaits a promise, but no longer than until the signal aborts. @throws the signal's reason once it aborts */
export async function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  // nothing awaits the promise from here on, so its rejection must not be unhandled
  if (signal.aborted) promise.catch(() => undefined);
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
