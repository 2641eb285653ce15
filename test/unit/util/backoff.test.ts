import { expect, it } from "vitest";
import { backoff } from "../../../src/util/backoff.ts";

it("backoff doubles each pause up to the longest", () => {
  const pause = backoff({ first: 100, longest: 500 });

  expect([pause(), pause(), pause(), pause(), pause()]).toEqual([100, 200, 400, 500, 500]);
});

it("backoff multiplies each pause by the given factor", () => {
  const pause = backoff({ first: 100, factor: 1.5, longest: 300 });

  expect([pause(), pause(), pause(), pause()]).toEqual([100, 150, 225, 300]);
});
