import { setTimeout as delay } from "node:timers/promises";

/** Pauses all requests to one server after one was rate-limited, since a quota counts them together. */
export type RateLimit = {
  /** Starts a pause. A longer pause in progress stays. @param ms in milliseconds from now */
  hold(ms: number): void;
  /** Resolves when no pause is in progress. @throws AbortError when the signal aborts */
  released(signal: AbortSignal): Promise<void>;
};

/** A rate limit without a pause in progress. */
export function openRateLimit(): RateLimit {
  let until = 0;
  return {
    hold(ms) {
      until = Math.max(until, performance.now() + ms);
    },
    async released(signal) {
      for (let ms = until - performance.now(); ms > 0; ms = until - performance.now()) {
        // jitter, so that the waiting requests are not all sent at the same instant
        await delay(ms * (1 + Math.random() / 4), undefined, { signal });
      }
    },
  };
}
