import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { deadlineIn } from "../util/deadline.ts";
import type { Counter } from "../util/metrics.ts";
import type { Observer, Round } from "./observer.ts";

/** The longest that an observer may take for one round, in milliseconds. */
const limitMs = 10_000;

export type Notifier = {
  /** Passes the round to every observer. Returns at once. */
  notify(round: Round): void;
  /** How long the slowest observer has been at work, in milliseconds. */
  busyMs(): number;
  /** Resolves when no observer is at work. */
  idle(): Promise<void>;
};

type Options = {
  readonly log: Logger;
  readonly errors: Counter;
  readonly stop: AbortSignal;
  readonly onBug: (error: unknown) => void;
};

type Queue = {
  readonly observer: Observer;
  next?: Round | undefined;
  since?: number | undefined;
  reported: string;
  work?: Promise<void>;
};

/** Gives each observer a queue of its own: one round at a time, and the newest of those that came meanwhile. */
export function createNotifier(observers: readonly Observer[], { log, errors, stop, onBug }: Options): Notifier {
  const queues: Queue[] = observers.map((observer) => ({ observer, reported: "" }));

  async function work(queue: Queue): Promise<void> {
    while (queue.next !== undefined) {
      const round = queue.next;
      queue.next = undefined;
      queue.since = performance.now();
      await pass(queue, round);
      queue.since = undefined;
    }
  }

  async function pass(queue: Queue, round: Round): Promise<void> {
    const { name } = queue.observer;
    try {
      await queue.observer.observe(round, deadlineIn(limitMs, stop));
      if (queue.reported !== "") log.info({ observer: name }, "the observer works again");
      queue.reported = "";
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof AppError)) throw error;
      errors.add({ observer: name });
      if (error.message !== queue.reported)
        log.warn({ observer: name, error: error.message, todo: error.todo }, "the observer failed");
      queue.reported = error.message;
    }
  }

  return {
    notify(round) {
      for (const queue of queues) {
        queue.next = round;
        if (queue.since === undefined) queue.work = work(queue).catch(onBug);
      }
    },
    busyMs: () => Math.max(0, ...queues.map(({ since }) => (since === undefined ? 0 : performance.now() - since))),
    idle: async () => void (await Promise.all(queues.map(({ work }) => work))),
  };
}
