import { setImmediate as turn } from "node:timers/promises";

type Act = () => Promise<void>;
type Waiting = { readonly act: Act; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Runs something while holding what only one may hold. @param act its signal aborts when that was lost */
export type Hold = (act: (lost?: AbortSignal) => Promise<void>) => Promise<void>;

/**
 * Runs acts one at a time under one hold, which begins with the first of them and ends when no more wait: a thousand acts
 * that come at once take and give it back once.
 *
 * @param hold its rejection is that of every act that then waits; an act during which the hold was lost is rejected too
 */
export function serialQueue(hold: Hold): (act: Act) => Promise<void> {
  const queue: Waiting[] = [];
  let holding = false;

  async function drain(lost?: AbortSignal): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await run(next, lost);
      lost?.throwIfAborted();
      // whoever waited for this one may have the next at hand
      if (queue.length === 0) await turn();
    }
  }
  function start(): void {
    holding = true;
    hold(drain)
      .catch((error: unknown) => {
        for (const { reject } of queue.splice(0)) reject(error);
      })
      .finally(() => {
        holding = false;
        if (queue.length > 0) start();
      });
  }
  return (act) =>
    new Promise((resolve, reject) => {
      queue.push({ act, resolve, reject });
      if (!holding) start();
    });
}

async function run({ act, resolve, reject }: Waiting, lost: AbortSignal | undefined): Promise<void> {
  try {
    await act();
    lost?.throwIfAborted();
    resolve();
  } catch (error) {
    reject(error);
  }
}
