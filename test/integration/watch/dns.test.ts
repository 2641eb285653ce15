import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fixture, startFixture } from "../bring-up/fixture.ts";
import { grantWatchRights, killWatchers, startWatch } from "./fixture.ts";

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(1);
  await grantWatchRights(fixture);
  await fixture.bringUp();
});
afterAll(async () => {
  await killWatchers();
  await fixture?.close();
});

it("a member whose name cannot be resolved is unreachable with that reason, and the watcher goes on", async () => {
  const watcher = await startWatch(fixture, { address: "http://{pod}.no-such-host.invalid:8200" });

  await watcher.logged("getaddrinfo");

  expect(watcher.running.stderr()).toMatch(/"vault-0","state":"unreachable".*vault-0\.no-such-host\.invalid/);
  const metrics = await watcher.metrics();
  expect(metrics['vault_hooks_member_state{pod="vault-0",state="unreachable"}']).toBe(1);
  expect((await watcher.probe("/healthz")).status).toBe(200);
  expect(metrics["vault_hooks_watch_acting"]).toBe(1);
  await watcher.stop();
});
