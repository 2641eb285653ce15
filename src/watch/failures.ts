import { type AppError, NotReadyError } from "../errors.ts";
import { backoff } from "../util/backoff.ts";
import type { RepairFailure } from "./observer.ts";

/**
 * The failed repairs, and the backoff of each. A changed situation (a restarted pod, other keys) ends the backoff, because the next
 * attempt may then succeed.
 */
export type Failures = {
  /** @param pod undefined for a failure that concerns no single member */
  note(pod: string | undefined, situation: string, error: AppError): void;
  isBackingOff(pod: string | undefined, situation: string): boolean;
  clear(pod: string | undefined): void;
  /** Forgets the failures of all pods but these. */
  keepOnly(pods: readonly string[]): void;
  /** The newest of those that still stand. */
  newest(): RepairFailure | undefined;
};

type Failed = {
  readonly error: AppError;
  readonly since: Date;
  readonly situation: string;
  readonly pause: () => number;
  readonly backoffUntil: number;
};

/** @param clock monotonic, in milliseconds */
export function openFailures(clock = () => performance.now()): Failures {
  const failed = new Map<string | undefined, Failed>();
  return {
    note(pod, situation, error) {
      const before = failed.get(pod);
      const same = before?.situation === situation ? before : undefined;
      const pause = same?.pause ?? pausesAfter(error);
      failed.delete(pod); // so that the newest is the last
      failed.set(pod, { error, since: before?.since ?? new Date(), situation, pause, backoffUntil: clock() + pause() });
    },
    isBackingOff(pod, situation) {
      const known = failed.get(pod);
      return known?.situation === situation && clock() < known.backoffUntil;
    },
    clear: (pod) => void failed.delete(pod),
    keepOnly(pods) {
      for (const pod of failed.keys()) if (pod !== undefined && !pods.includes(pod)) failed.delete(pod);
    },
    newest() {
      const last = [...failed].at(-1);
      return last === undefined ? undefined : { pod: last[0], error: last[1].error, since: last[1].since };
    },
  };
}

/** A refusal or a denial stays until a person acts, so it is tried less often. */
function pausesAfter(error: AppError): () => number {
  if (error instanceof NotReadyError) return backoff({ first: 1000, longest: 30_000 });
  return backoff({ first: 10_000, longest: 300_000 });
}
