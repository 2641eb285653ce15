import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type KubeProxy, startKubeProxy, type WatchFault } from "../../helpers/kube-proxy.ts";
import { type Fixture, startFixture } from "../bring-up/fixture.ts";
import {
  grantWatchRights,
  killWatchers,
  restartMembers,
  startWatch,
  untilTrue,
  untilUnsealed,
  watchKubeconfig,
} from "./fixture.ts";

let fixture: Fixture;
let proxy: KubeProxy;

beforeAll(async () => {
  fixture = await startFixture(3);
  proxy = await startKubeProxy(fixture.kube);
  await grantWatchRights(fixture);
  await fixture.bringUp("--shares=3", "--threshold=2");
});
afterAll(async () => {
  await proxy?.close();
  await fixture?.close();
});
afterEach(() => killWatchers());

/** Recreates a pod, which only a list or a watch can show, restarts its Vault, and waits until it is unsealed. */
async function recreate(i: number): Promise<void> {
  await fixture.vaults.kill(i);
  await fixture.pods.removePod(i);
  await fixture.pods.addPod(i);
  await fixture.vaults.start(i);
  await untilUnsealed(fixture, [i]);
}

it("an API server that was away for half a minute is used again at once, and its absence is reported", async () => {
  const watcher = await startWatch(fixture);
  await fixture.kube.stop();
  await Promise.all([0, 1].map((i) => fixture.vaults.kill(i)));
  await Promise.all([0, 1].map((i) => fixture.vaults.start(i)));
  await untilTrue("its absence to be reported", async () => {
    const metrics = await watcher.metrics();
    return metrics["vault_hooks_watch_stale"] === 1 && metrics["vault_hooks_watch_acting"] === 0;
  });
  await untilTrue("members to be observed all the same", async () => {
    return (await watcher.metrics())['vault_hooks_member_state{pod="vault-1",state="sealed"}'] === 1;
  });
  await delay(12_000);
  expect((await watcher.probe("/healthz")).status).toBe(200);
  expect((await watcher.probe("/readyz")).status).toBe(200);
  await fixture.kube.start();
  const from = performance.now();
  await untilUnsealed(fixture, [0, 1]);
  console.log(`unsealed ${Math.round(performance.now() - from)} ms after the API server was back`);

  await untilTrue("the end to be reported", async () => (await watcher.metrics())["vault_hooks_watch_stale"] === 0);
  await watcher.stop();
});

it.each<[string, WatchFault]>([
  ["as an HTTP status", { status: 410 }],
  ["as an event of the watch", { event: { code: 410, message: "too old resource version: 1 (2)" } }],
  ["by an internal error", { status: 500 }],
])("a watch that the API server refuses %s is begun again with a list, and misses no pod", async (_, fault) => {
  const watcher = await startWatch(fixture, { server: proxy.address });
  const before = proxy.requests.length;
  proxy.failWatches(fault, 3);
  proxy.cut();
  await recreate(1);
  await untilTrue("three lists", async () => {
    const lists = proxy.requests.slice(before).filter((each) => each === "GET /api/v1/namespaces/vault/pods");
    return lists.length >= 3;
  });

  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  expect((await watcher.probe("/healthz")).status).toBe(200);
  await watcher.stop();
});

it("a watch whose connection is cut again and again misses no pod", async () => {
  const watcher = await startWatch(fixture, { server: proxy.address });
  const cutting = setInterval(proxy.cut, 300);
  try {
    for (let i = 0; i < 3; i++) await recreate(i);
  } finally {
    clearInterval(cutting);
  }

  expect(await Promise.all([0, 1, 2].map(async (i) => (await fixture.sealStatus(i))["sealed"]))).toEqual([
    false,
    false,
    false,
  ]);
  await watcher.stop();
});

it("watch starts while the API server is away, is not ready meanwhile, and works once it is back", async () => {
  const kubeconfig = await watchKubeconfig(fixture);
  await fixture.kube.stop();
  const watcher = await startWatch(fixture, { acting: false, kubeconfig });
  await delay(3000);
  expect((await watcher.probe("/readyz")).status).toBe(503);
  expect((await watcher.probe("/healthz")).status).toBe(200);
  await fixture.kube.start();
  await watcher.logged("holds the Lease");

  await restartMembers(fixture, [2]);
  expect(await watcher.probe("/readyz")).toEqual({ status: 200, text: "ok" });
  await watcher.stop();
});

it("a right that is taken away and given back is named meanwhile, and used again", async () => {
  const watcher = await startWatch(fixture);
  await fixture.kube.kubectl(["-n", "vault", "delete", "rolebinding", "vault-hooks-watch"]);
  await watcher.logged("ServiceAccount vault-hooks-watch of namespace vault-watch the permission");
  await grantWatchRights(fixture);
  await untilTrue("the end to be reported", async () => (await watcher.metrics())["vault_hooks_watch_stale"] === 0);

  await restartMembers(fixture, [0]);
  expect((await fixture.sealStatus(0))["sealed"]).toBe(false);
  await watcher.stop();
});
