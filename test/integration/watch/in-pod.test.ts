import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { startCli } from "../../helpers/run-cli.ts";
import { type Fixture, startFixture } from "../bring-up/fixture.ts";
import { grantWatchRights, holderOf, killWatchers, restartMembers, type Watcher, watching } from "./fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(3, { tls: true });
  await grantWatchRights(fixture);
  await fixture.bringUp("--shares=3", "--threshold=2");
});
afterAll(() => fixture?.close());
afterEach(() => killWatchers());

/** Runs it as in a pod of this name: no host name of Vault's pods resolves there. */
async function startInPod(hostname: string, acting = true): Promise<Watcher> {
  const podView = { ...(await fixture.kube.podViewFor("vault-watch", "vault-hooks-watch")), hostname };
  const flags = ["--output=json", "--listen=127.0.0.1:0", `--ca-file=${fixture.vaults.caFile}`];
  return await watching(await startCli(["watch", ...flags], { podView, env: fixture.kube.podEnv }), acting);
}

it("in a pod, members are reached by their IPs, and their certificates are checked against the pods' names", async () => {
  const watcher = await startInPod("vault-watch-a");
  console.log(`in a pod, with TLS: ${await restartMembers(fixture, [0, 1, 2])} ms`);

  expect(await holderOf(fixture, "vault-watch", "vault-watch")).toBe("vault-watch-a");
  await watcher.stop();
});

it("a container that was killed takes its own Lease back at once, and another pod does not", async () => {
  const first = await startInPod("vault-watch-a");
  const other = await startInPod("vault-watch-b", false);
  first.running.signal("SIGKILL");
  await first.running.outcome;
  const from = performance.now();
  const again = await startInPod("vault-watch-a");
  console.log(`the restarted container acts after ${Math.round(performance.now() - from)} ms`);
  await delay(500);

  expect((await again.metrics())["vault_hooks_watch_acting"]).toBe(1);
  expect((await other.metrics())["vault_hooks_watch_acting"]).toBe(0);
  await again.stop();
  await other.stop();
});
