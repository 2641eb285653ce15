import { expect, it } from "vitest";
import type { WatchContext } from "../../../src/watch/context.ts";
import { openRepairs } from "../../../src/watch/repairs.ts";
import type { View } from "../../../src/watch/view.ts";

it("a replica that no longer acts completes a round at once, which says so", () => {
  const acted: boolean[] = [];
  const onChange = () => acted.push(repairs.acting());
  const context = { onChange, end: new AbortController().signal } as unknown as WatchContext;
  const repairs = openRepairs(context, {} as View);
  const lease = new AbortController();

  repairs.act(lease.signal);
  lease.abort();

  expect(acted).toEqual([true, false]);
});
