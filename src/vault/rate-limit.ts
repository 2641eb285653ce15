import { setTimeout as delay } from "node:timers/promises";

/** Makes all requests to one server wait where one of them was told to: a quota counts whoever asks. */
export type RateLimit = {
  /** @param ms from now on; a longer wait that is under way stays */
  hold(ms: number): void;
  /** Ends once nobody has to wait, or by the signal. @throws AbortError by the signal */
  released(signal: AbortSignal): Promise<void>;
};

export function openRateLimit(): RateLimit {
  let until = 0;
  return {
    hold(ms) {
      until = Math.max(until, Date.now() + ms);
    },
    async released(signal) {
      for (let ms = until - Date.now(); ms > 0; ms = until - Date.now()) {
        // not all at the same instant: as many as before would be too many again
        await delay(ms * (1 + Math.random() / 4), undefined, { signal });
      }
    },
  };
}
