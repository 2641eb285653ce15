import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { expectCode, type Fixture, startFixture } from "../bring-up/fixture.ts";
import { grantWatchRights, killWatchers, startWatch, untilTrue, untilUnsealed } from "./fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(5);
  await grantWatchRights(fixture);
});
afterAll(() => fixture?.close());
afterEach(() => killWatchers());

async function scaleDown(to: number): Promise<void> {
  await fixture.pods.scale(to);
  for (let i = 4; i >= to; i--) {
    await fixture.vaults.kill(i);
    await fixture.pods.removePod(i).catch(() => undefined);
  }
}

/** As the StatefulSet's controller and the kubelet do. */
async function scaleUp(from: number, to: number): Promise<void> {
  await fixture.pods.scale(to);
  for (let i = from; i < to; i++) {
    await fixture.pods.addPod(i);
    await fixture.vaults.start(i);
  }
}

it("a StatefulSet that is scaled from 3 to 0, to 3 and to 5 is unsealed and joined without a sync", async () => {
  await scaleDown(3);
  for (const i of [3, 4]) await fixture.pods.removeClaim(i);
  await fixture.bringUp("--shares=3", "--threshold=2");
  const watcher = await startWatch(fixture);
  await scaleDown(0);
  await untilTrue("no replicas", async () => (await watcher.metrics())['vault_hooks_members{state="desired"}'] === 0);
  await scaleUp(0, 3);
  await untilUnsealed(fixture, [0, 1, 2]);
  await scaleUp(3, 5);
  await untilUnsealed(fixture, [3, 4]);

  await untilTrue("five members", async () => (await watcher.metrics())['vault_hooks_members{state="unsealed"}'] === 5);
  expect((await watcher.metrics())['vault_hooks_members{state="desired"}']).toBe(5);
  await watcher.stop();
  expectCode(await fixture.run("status"), 0);
});
