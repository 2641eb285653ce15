import { constants } from "node:os";
import process from "node:process";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** In milliseconds. A terminal and npm both send the program a Ctrl-C, so a second signal this soon is the same one. */
const sameWithin = 1000;

let uninterruptibleActs = 0;

/** Runs an act that no signal may end, because it holds data that exists only in this process. */
export async function uninterruptible<T>(act: () => Promise<T>): Promise<T> {
  uninterruptibleActs++;
  try {
    return await act();
  } finally {
    uninterruptibleActs--;
  }
}

/** Returns false while an act of `uninterruptible` runs. */
export function isInterruptible(): boolean {
  return uninterruptibleActs === 0;
}

/**
 * Returns a signal that the first SIGTERM, SIGINT or SIGHUP (a closed terminal) aborts, so that every wait ends. A later
 * one ends the process, unless an act of `uninterruptible` runs.
 *
 * @param end is given the exit code that shells use for a signal: 128 plus its number
 */
export function stopOnSignals(end: (exitCode: number) => void): AbortSignal {
  const stop = new AbortController();
  let firstAt = 0;
  for (const signal of signals) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        firstAt = performance.now();
        stop.abort(new Error(signal));
      } else if (isInterruptible() && performance.now() - firstAt > sameWithin) end(128 + constants.signals[signal]);
    });
  }
  return stop.signal;
}
