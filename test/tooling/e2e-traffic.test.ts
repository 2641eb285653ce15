import { expect, test } from "vitest";
import { longestGap } from "../e2e/support/traffic.ts";

test.each([
  ["of those within the period", [0, 10, 40, 50], 0, 50, 30],
  ["that begins before the period", [0, 30, 40, 50], 20, 50, 30],
  ["that ends after the period", [0, 10, 50], 0, 20, 40],
  ["and not of one that ends as the period begins", [0, 30, 40, 50], 30, 50, 10],
  ["and not of one that begins as the period ends", [0, 10, 20, 90], 0, 20, 10],
  ["which is none without successes", [], 0, 20, 0],
])("the longest gap is that %s", (_, successes, from, to, expected) => {
  expect(longestGap(successes, from, to)).toBe(expected);
});
