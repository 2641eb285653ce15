/** Measures for how long a value has been the same. */
export type Stopwatch = {
  /**
   * @param name of the value
   * @param clockMs now, on the monotonic clock
   * @returns milliseconds since the value was first seen as it is now
   */
  unchangedMs(name: string, value: string, clockMs: number): number;
};

export function createStopwatch(): Stopwatch {
  const seen = new Map<string, { readonly value: string; readonly since: number }>();
  return {
    unchangedMs(name, value, clockMs) {
      const before = seen.get(name);
      if (before?.value === value) return clockMs - before.since;
      seen.set(name, { value, since: clockMs });
      return 0;
    },
  };
}
