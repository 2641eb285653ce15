import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { expectCode, type Fixture, startFixture } from "../bring-up/fixture.ts";
import {
  grantWatchRights,
  holderOf,
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
  await fixture.bringUp("--shares=3", "--threshold=2");
});
afterAll(() => fixture?.close());
afterEach(async () => {
  await killWatchers();
  for (const proxy of fixture.proxies) proxy.clearFaults();
  await fixture.kube.kubectl(["-n", "vault-watch", "delete", "lease", "--all"]);
  await fixture.run("unseal");
});

const unsealPath = { path: /^sys\/unseal/ };

it("of two watchers one acts, and both see the same members", async () => {
  const first = await startWatch(fixture);
  const second = await startWatch(fixture, { acting: false });
  await restartMembers(fixture, [1, 2]);

  await untilTrue("both to see three unsealed members", async () => {
    const both = [await first.metrics(), await second.metrics()];
    return both.every((metrics) => metrics['vault_hooks_members{state="unsealed"}'] === 3);
  });
  expect((await first.metrics())["vault_hooks_watch_acting"]).toBe(1);
  expect((await second.metrics())["vault_hooks_watch_acting"]).toBe(0);
  expect((await second.metrics())['vault_hooks_unseal_total{result="ok"}']).toBe(0);
  await first.stop();
  await second.stop();
});

it("a standby acts within seconds after SIGTERM has ended the other", async () => {
  const first = await startWatch(fixture);
  const second = await startWatch(fixture, { acting: false });
  await first.stop();
  const from = performance.now();
  await second.logged("holds the Lease");
  console.log(`handover after SIGTERM: ${Math.round(performance.now() - from)} ms`);

  await restartMembers(fixture, [1]);
  await untilTrue("its metrics", async () => (await second.metrics())['vault_hooks_unseal_total{result="ok"}'] === 1);
  await second.stop();
  expect(await holderOf(fixture, "vault-watch", "vault-watch")).toBe("");
});

it("SIGTERM in the middle of an unseal lets it finish, releases both Leases, and exits with 0", async () => {
  const watcher = await startWatch(fixture);
  fixture.proxies[1]?.fault({ delayMs: 1500 }, { ...unsealPath, times: 2 });
  const before = sharesSent(fixture, 1);
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  await untilTrue("the first share to be sent", async () => sharesSent(fixture, 1) > before);
  const { stderr } = await watcher.stop();

  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  expect(stderr).toContain('"watch ended"');
  expect(await holderOf(fixture, "vault-custody", "vault-hooks")).toBe("");
  expect(await holderOf(fixture, "vault-watch", "vault-watch")).toBe("");
});

it("a standby finishes the unseal in whose middle the other was killed", async () => {
  const first = await startWatch(fixture);
  const second = await startWatch(fixture, { acting: false });
  // the first share arrives, the second never does
  fixture.proxies[1]?.fault({ do: "hang" }, unsealPath);
  fixture.proxies[1]?.fault({ delayMs: 0 }, { ...unsealPath, times: 1 });
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  await untilTrue("the first share to be taken", async () => (await fixture.sealStatus(1))["progress"] === 1);
  first.running.signal("SIGKILL");
  const from = performance.now();
  await first.running.outcome;
  fixture.proxies[1]?.clearFaults();
  await second.logged("holds the Lease");
  const acting = Math.round(performance.now() - from);
  await untilUnsealed(fixture, [1]);
  console.log(
    `after SIGKILL: the standby acts after ${acting} ms, unsealed after ${Math.round(performance.now() - from)} ms`,
  );

  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  await second.stop();
});

it("watch waits while a hook holds the Lease, and goes on observing", async () => {
  const watcher = await startWatch(fixture);
  await fixture.kube.apply(lease("a-hook"));
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  const before = sharesSent(fixture, 1);
  await untilTrue("the member to be seen as sealed", async () => {
    return (await watcher.metrics())['vault_hooks_member_state{pod="vault-1",state="sealed"}'] === 1;
  });
  await delay(3000);

  expect(sharesSent(fixture, 1)).toBe(before);
  await fixture.kube.apply(lease(""));
  await untilUnsealed(fixture, [1]);
  await watcher.stop();
  expectCode(await fixture.run("status"), 0);
});

function lease(holderIdentity: string): string {
  const time = "2026-01-01T00:00:00.000000Z";
  const spec = { holderIdentity, leaseDurationSeconds: 3600, acquireTime: time, renewTime: time };
  const metadata = { name: "vault-hooks", namespace: "vault-custody" };
  return JSON.stringify({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
}
