import { setImmediate as turn } from "node:timers/promises";

type Act = () => Promise<void>;
type Queued = { readonly act: Act; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Runs `act` while holding a lock. @param act its signal aborts when the lock is lost */
export type Hold = (act: (lost?: AbortSignal) => Promise<void>) => Promise<void>;

/**
 * Runs acts one at a time under a lock. It is taken for the first act and released when no more are queued, so a thousand acts
 * at once take it once.
 *
 * @param hold takes the lock; if it rejects, every queued act rejects. An act during which the lock was lost rejects too
 * @returns a function that queues an act, and resolves or rejects with it
 */
export function serialQueue(hold: Hold): (act: Act) => Promise<void> {
  const queue: Queued[] = [];
  let holding = false;

  async function drain(lost?: AbortSignal): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await run(next, lost);
      lost?.throwIfAborted();
      // lets the caller of this act queue the next one
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

async function run({ act, resolve, reject }: Queued, lost: AbortSignal | undefined): Promise<void> {
  try {
    await act();
    lost?.throwIfAborted();
    resolve();
  } catch (error) {
    reject(error);
  }
}
