import { constants } from "node:os";
import process from "node:process";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** In milliseconds. npm hands on a Ctrl-C that the terminal has sent to the program already: so soon after, it is the same one. */
const sameWithin = 1000;

let held = 0;

/** Runs what no signal may break off, since what it holds exists in this process alone. */
export async function unbroken<T>(act: () => Promise<T>): Promise<T> {
  held++;
  try {
    return await act();
  } finally {
    held--;
  }
}

/** Whether something runs that must not be broken off. */
export function isHeld(): boolean {
  return held > 0;
}

/**
 * The first SIGTERM, SIGINT or SIGHUP (the terminal was closed) aborts what is returned: every wait ends, and the command says
 * where it stood. A later one ends the process, unless something runs that must not be broken off.
 *
 * @param end is told the exit code that shells give for the signal, 128 and its number
 */
export function stopOnSignals(end: (exitCode: number) => void): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  for (const signal of signals) {
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        first = Date.now();
        stop.abort(new Error(signal));
      } else if (held === 0 && Date.now() - first > sameWithin) end(128 + constants.signals[signal]);
    });
  }
  return stop.signal;
}
