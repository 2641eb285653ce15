/** Ends a pause early. A wake that comes while nobody waits ends the next pause at once, so that none is lost. */
export type Wake = {
  wake(): void;
  /** Resolves after `ms` milliseconds, when woken, or when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

/** For one waiting loop. */
export function createWake(): Wake {
  let pending = false;
  let end: (() => void) | undefined;
  return {
    wake() {
      pending = true;
      end?.();
    },
    async pause(ms, signal) {
      if (!pending && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        end = resolve;
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", end, { once: true });
        await promise;
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        end = undefined;
      }
      pending = false;
    },
  };
}
