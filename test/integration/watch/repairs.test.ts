import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectNoSecrets, type Fixture, secretValues, startFixture } from "../bring-up/fixture.ts";
import {
  grantWatchRights,
  killWatchers,
  restartMembers,
  sharesSent,
  startWatch,
  untilTrue,
  untilUnsealed,
} from "./fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(3);
  await grantWatchRights(fixture);
});
afterAll(() => fixture?.close());
afterEach(() => killWatchers());

describe("before init, watch", () => {
  it("reports that no member is initialised, sends nothing to Vault, and is ready", async () => {
    const watcher = await startWatch(fixture);
    await untilTrue("its metrics", async () => {
      return (await watcher.metrics())['vault_hooks_member_state{pod="vault-2",state="uninitialized"}'] === 1;
    });
    await delay(2000);

    expect(await watcher.probe("/readyz")).toEqual({ status: 200, text: "ok" });
    expect(await watcher.probe("/healthz")).toEqual({ status: 200, text: "ok" });
    expect(fixture.proxies.flatMap(({ requests }) => requests).filter((each) => !each.startsWith("GET "))).toEqual([]);
    expect(await fixture.custodyNames()).toEqual([]);
    await watcher.stop();
  });
});

describe("watch", () => {
  beforeAll(async () => {
    await fixture.bringUp("--shares=3", "--threshold=2");
  });

  it("unseals a member whose container was restarted", async () => {
    const watcher = await startWatch(fixture);
    const ms = await restartMembers(fixture, [1]);
    console.log(`one member: unsealed ${ms} ms after its listener answered`);

    await untilTrue(
      "its metrics",
      async () => (await watcher.metrics())['vault_hooks_unseal_total{result="ok"}'] === 1,
    );
    await untilTrue("a standby", async () => {
      return (await watcher.metrics())['vault_hooks_member_state{pod="vault-1",state="standby"}'] === 1;
    });
    expect(await watcher.metrics()).toMatchObject({
      'vault_hooks_members{state="desired"}': 3,
      'vault_hooks_members{state="unsealed"}': 3,
      vault_hooks_unseal_duration_seconds_count: 1,
      vault_hooks_watch_acting: 1,
      vault_hooks_watch_stale: 0,
    });
    expectNoSecrets(await watcher.stop(), await secretValues(fixture));
  });

  it("unseals all three members when all were restarted at once", async () => {
    const watcher = await startWatch(fixture);
    const ms = await restartMembers(fixture, [0, 1, 2]);
    console.log(`three members: the last unsealed ${ms} ms after its listener answered`);

    await untilTrue("a leader", async () => {
      const metrics = await watcher.metrics();
      return [0, 1, 2].some((i) => metrics[`vault_hooks_member_state{pod="vault-${i}",state="active"}`] === 1);
    });
    await watcher.stop();
  });

  it("joins a member whose volume is empty", async () => {
    const watcher = await startWatch(fixture);
    await fixture.vaults.kill(2);
    await fixture.vaults.wipe(2);
    const started = fixture.vaults.start(2);
    const ms = await untilUnsealed(fixture, [2]);
    await started;
    console.log(`emptied member: joined and unsealed ${ms} ms after its listener answered`);

    await untilTrue("its metrics", async () => (await watcher.metrics())['vault_hooks_join_total{result="ok"}'] === 1);
    await watcher.stop();
  });

  it("unseals a pod that was recreated under the same name", async () => {
    const watcher = await startWatch(fixture);
    await fixture.vaults.kill(0);
    await fixture.pods.removePod(0);
    await untilTrue("the loss to be seen", async () => {
      return (await watcher.metrics())['vault_hooks_member_state{pod="vault-0",state="unreachable"}'] === 1;
    });
    await fixture.pods.addPod(0);
    await fixture.vaults.start(0);

    console.log(`recreated pod: ${await untilUnsealed(fixture, [0])} ms`);
    expect((await fixture.sealStatus(0))["sealed"]).toBe(false);
    await watcher.stop();
  });

  it("unseals a member each time, however often it restarts", async () => {
    const watcher = await startWatch(fixture);
    const times: number[] = [];
    for (let i = 1; i <= 8; i++) {
      const from = performance.now();
      times.push(await restartMembers(fixture, [1]));
      await untilTrue(`unseal ${i}`, async () => {
        return (await watcher.metrics())['vault_hooks_unseal_total{result="ok"}'] === i;
      });
      // the next poll sees it
      const logged = () => watcher.log().filter(({ msg }) => msg === "member unsealed");
      await untilTrue(`log of unseal ${i}`, async () => logged().length >= i);
      const unsealed = logged();
      // also if the restart was too fast for a poll to find the member silent
      expect(unsealed.at(-1)?.["msSinceFirstAnswer"]).toBeLessThan(performance.now() - from);
    }
    console.log(`restarted eight times: ${times.join(", ")} ms`);

    expect(times).toHaveLength(8);
    await watcher.stop();
  });

  it("sends no share to members that are unsealed", async () => {
    const watcher = await startWatch(fixture);
    const before = [0, 1, 2].map((i) => sharesSent(fixture, i));
    await delay(3000);

    expect([0, 1, 2].map((i) => sharesSent(fixture, i))).toEqual(before);
    await watcher.stop();
  });
});
