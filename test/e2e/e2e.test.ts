import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { down } from "../cluster/cluster.ts";
import { holdCluster } from "../cluster/lock.ts";
import { identityOf } from "./support/identity.ts";
import type { Needle } from "./support/leaks.ts";
import { tokenStatus } from "./support/vault.ts";
import { needlesOf, newWorld, rootTokenOf, type World } from "./support/world.ts";
import { brokenCommits, brokenImage } from "./topics/broken-commits.ts";
import { changedPolicy } from "./topics/changed-policy.ts";
import { custodyAttack } from "./topics/custody-attack.ts";
import { dailyLife } from "./topics/daily-life.ts";
import { disruptions } from "./topics/disruptions.ts";
import { installation } from "./topics/installation.ts";
import { namespaceDeleted } from "./topics/namespace-deleted.ts";
import { outside } from "./topics/outside.ts";
import { redSignal } from "./topics/red-signal.ts";
import { moreRestarts, restarts } from "./topics/restarts.ts";
import { secrecy } from "./topics/secrecy.ts";
import { valuesFromSecrets } from "./topics/values-from-secrets.ts";

/**
 * The whole story on one cluster, in a fixed order: each topic starts from the state that the one before it left. It is one file,
 * since the test runner does not keep an order of files.
 */
describe("from an empty cluster", () => {
  let release: (() => Promise<void>) | undefined;
  let world: World | undefined;
  const first = () => must(world);
  let firstRoot = "";
  let firstNeedles: Needle[] = [];
  let firstIdentity: string[] = [];

  beforeAll(async () => {
    release = await holdCluster();
    world = await newWorld();
  });
  afterAll(async () => {
    await world?.close();
    await down(); // its logs are kept
    await release?.();
  });

  installation("an installation from root.yaml", first);
  dailyLife(first);
  changedPolicy(first);
  brokenCommits(first);
  valuesFromSecrets(first);
  outside(first);
  secrecy("secrets of the first installation", first);
  redSignal(first);
  restarts(first);
  disruptions(first);
  // `make long` only, since these take long. test/integration/custody tries the policies each time, and watch/repairs the restarts
  if (process.env["E2E_LONG"] === "1") {
    brokenImage(first);
    moreRestarts(first);
    custodyAttack(first);
    namespaceDeleted(first);
  }

  describe("after a wipe", () => {
    let second: World | undefined;
    const again = () => must(second);

    beforeAll(async () => {
      firstRoot = rootTokenOf(first());
      firstNeedles = needlesOf(first());
      firstIdentity = await identityOf(first().api);
      await first().close();
      second = await newWorld();
    });
    afterAll(() => second?.close());

    installation("an installation from the same root.yaml after a wipe", again);

    test("nothing of the first cluster is left: the CA, ServiceAccount key, etcd and volumes are new", async () => {
      const identity = await identityOf(again().api);

      expect(firstIdentity.length).toBeGreaterThanOrEqual(6); // with one volume for each member
      expect(identity.filter((each) => firstIdentity.includes(each))).toEqual([]);
    });

    test("the first installation's root token is refused, and every secret is new", async () => {
      expect(await tokenStatus(again().api, firstRoot)).toBe(403);
      const values = new Set(firstNeedles.map(({ value }) => value));
      expect(needlesOf(again()).filter(({ value }) => values.has(value))).toEqual([]);
    });

    secrecy("secrets of both installations", again, () => firstNeedles);
  });
});

function must(world: World | undefined): World {
  if (world === undefined) throw new Error("no cluster was installed");
  return world;
}
