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

type Lane = {
  readonly observer: Observer;
  next?: Round | undefined;
  since?: number | undefined;
  reported: string;
  work?: Promise<void>;
};

/** Gives each observer a lane of its own: one round at a time, and the newest of those that came meanwhile. */
export function createNotifier(observers: readonly Observer[], { log, errors, stop, onBug }: Options): Notifier {
  const lanes: Lane[] = observers.map((observer) => ({ observer, reported: "" }));

  async function work(lane: Lane): Promise<void> {
    while (lane.next !== undefined) {
      const round = lane.next;
      lane.next = undefined;
      lane.since = performance.now();
      await pass(lane, round);
      lane.since = undefined;
    }
  }

  async function pass(lane: Lane, round: Round): Promise<void> {
    const { name } = lane.observer;
    try {
      await lane.observer.observe(round, deadlineIn(limitMs, stop));
      if (lane.reported !== "") log.info({ observer: name }, "the observer works again");
      lane.reported = "";
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof AppError)) throw error;
      errors.add({ observer: name });
      if (error.message !== lane.reported)
        log.warn({ observer: name, error: error.message, todo: error.todo }, "the observer failed");
      lane.reported = error.message;
    }
  }

  return {
    notify(round) {
      for (const lane of lanes) {
        lane.next = round;
        if (lane.since === undefined) lane.work = work(lane).catch(onBug);
      }
    },
    busyMs: () => Math.max(0, ...lanes.map(({ since }) => (since === undefined ? 0 : performance.now() - since))),
    idle: async () => void (await Promise.all(lanes.map(({ work }) => work))),
  };
}
