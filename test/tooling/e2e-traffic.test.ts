import { expect, test } from "vitest";
import { longestGap } from "../e2e/support/traffic.ts";

test.each([
  ["a gap within the period", [0, 10, 40, 50], 0, 50, 30],
  ["a gap that begins before the period", [0, 30, 40, 50], 20, 50, 30],
  ["a gap that ends after the period", [0, 10, 50], 0, 20, 40],
  ["no gap that ends as the period begins", [0, 30, 40, 50], 30, 50, 10],
  ["no gap that begins as the period ends", [0, 10, 20, 90], 0, 20, 10],
  ["nothing without successes", [], 0, 20, 0],
])("the longest gap counts %s", (_, successes, from, to, expected) => {
  expect(longestGap(successes, from, to)).toBe(expected);
});
