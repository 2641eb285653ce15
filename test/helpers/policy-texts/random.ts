/** Random choices that are the same in each run with the same seed. */
export type Random = {
  /** @returns a number from 0 up to, but without, `limit` */
  below(limit: number): number;
  /** @returns true as often as the probability says */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
};

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new Error("there is nothing to choose from");
      return choices[below(choices.length)] as T;
    },
  };
}
