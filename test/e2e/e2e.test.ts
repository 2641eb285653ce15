import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdCluster } from "../cluster/lock.ts";
import type { Needle } from "./support/leaks.ts";
import { tokenStatus } from "./support/vault.ts";
import { needlesOf, newWorld, rootTokenOf, type World } from "./support/world.ts";
import { brokenCommits } from "./topics/broken-commits.ts";
import { dailyLife } from "./topics/daily-life.ts";
import { installation } from "./topics/installation.ts";
import { outside } from "./topics/outside.ts";
import { secrecy } from "./topics/secrecy.ts";

/**
 * The whole, on one cluster, in one order: each topic finds what the one before it left. One file, since the order of files
 * is the runner's own business.
 */
describe("from an empty cluster", () => {
  let release: (() => Promise<void>) | undefined;
  let world: World | undefined;
  const first = () => must(world);
  let firstRoot = "";
  let firstNeedles: Needle[] = [];

  beforeAll(async () => {
    release = await holdCluster();
    world = await newWorld();
  });
  afterAll(async () => {
    await world?.close();
    await release?.();
  });

  installation("an installation from root.yaml", first);
  dailyLife(first);
  brokenCommits(first);
  outside(first);
  secrecy("secrets of the first installation", first);

  describe("after a wipe", () => {
    let second: World | undefined;
    const again = () => must(second);

    beforeAll(async () => {
      firstRoot = rootTokenOf(first());
      firstNeedles = needlesOf(first());
      await first().close();
      second = await newWorld();
    });
    afterAll(() => second?.close());

    installation("the same root.yaml brings it all back", again);

    test("the first installation's root token is refused, and no secret is the same", async () => {
      expect(await tokenStatus(again().api, firstRoot)).toBe(403);
      const values = new Set(firstNeedles.map(({ value }) => value));
      expect(needlesOf(again()).filter(({ value }) => values.has(value))).toEqual([]);
    });

    secrecy("secrets of both installations", again, () => firstNeedles);
  });
});

function must(world: World | undefined): World {
  if (world === undefined) throw new Error("there was no installation");
  return world;
}
