import fc from "fast-check";
import { expect, it } from "vitest";
import { shareSets } from "../../../../src/bring-up/unseal/share-sets.ts";

it("shareSets yields every set of shares, the first shares first", () => {
  expect([...shareSets(4, 2)]).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ]);
});

it("shareSets yields one set when every share is needed, and none when there are too few", () => {
  expect([...shareSets(3, 3)]).toEqual([[0, 1, 2]]);
  expect([...shareSets(2, 3)]).toEqual([]);
});

it("shareSets stops at the given maximum", () => {
  expect([...shareSets(255, 128, 7)]).toHaveLength(7);
});

it("shareSets yields each possible set exactly once", () => {
  const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k);

  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (count, size) => {
      const sets = [...shareSets(count, size, 1000)].map(String);
      expect(new Set(sets).size).toBe(sets.length);
      expect(sets.length).toBe(size > count ? 0 : Math.round(binomial(count, size)));
    }),
  );
});
