import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Fault } from "../../helpers/proxy.ts";
import { type Fixture, startFixture } from "../bring-up/fixture.ts";
import {
  grantWatchRights,
  killWatchers,
  restartMembers,
  startWatch,
  untilTrue,
  untilUnsealed,
  type Watcher,
} from "./fixture.ts";

let fixture: Fixture;
let watcher: Watcher;

beforeAll(async () => {
  fixture = await startFixture(3);
  await grantWatchRights(fixture);
  await fixture.bringUp("--shares=3", "--threshold=2");
});
afterAll(() => fixture?.close());
beforeEach(async () => {
  watcher = await startWatch(fixture);
});
afterEach(async () => {
  await killWatchers();
  for (const proxy of fixture.proxies) proxy.clearFaults();
  await fixture.run("unseal");
});

async function expectOthersServed(): Promise<void> {
  console.log(`beside it: ${await restartMembers(fixture, [2])} ms`);
  expect((await fixture.sealStatus(2))["sealed"]).toBe(false);
}

const halfAnswer = (body: string) => body.slice(0, body.length / 2);

it.each<[string, Fault]>([
  ["answers 429", { status: 429, errors: ["rate limit quota exceeded"], headers: { "retry-after": "1" } }],
  ["answers 500", { status: 500, errors: ["internal error"] }],
  ["answers 503", { status: 503, errors: ["Vault is sealed"] }],
  ["answers 530", { status: 530, errors: ["node removed from cluster"] }],
  ["answers only half", { edit: halfAnswer }],
  ["answers a minute late", { delayMs: 60_000 }],
  ["never answers", { do: "hang" }],
  ["cuts every connection", { do: "cut" }],
])("a member that %s holds up no other, and is unsealed once it answers", async (_, fault) => {
  await fixture.vaults.kill(1);
  fixture.proxies[1]?.fault(fault);
  await fixture.vaults.start(1);
  await untilTrue("it to be seen as unreachable", async () => {
    return (await watcher.metrics())['vault_hooks_member_state{pod="vault-1",state="unreachable"}'] === 1;
  });
  await expectOthersServed();
  expect((await fixture.sealStatus(1))["sealed"]).toBe(true);

  fixture.proxies[1]?.clearFaults();
  await untilUnsealed(fixture, [1]);
  await watcher.stop();
});

it.each<[string, Fault]>([
  ["are refused with 500", { status: 500, errors: ["internal error"] }],
  ["are answered only half", { edit: halfAnswer }],
  ["are taken without an answer", { do: "lose" }],
  ["are never answered", { do: "hang" }],
])("a member whose shares %s is tried again, and holds up no other for long", async (_, fault) => {
  await fixture.vaults.kill(1);
  fixture.proxies[1]?.fault(fault, { path: /^sys\/unseal/, times: 3 });
  await fixture.vaults.start(1);
  await delay(500);
  await expectOthersServed();

  await untilUnsealed(fixture, [1]);
  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  await watcher.stop();
});

it("a Vault that was away for a while is unsealed as soon as it is back", async () => {
  await Promise.all([0, 1, 2].map((i) => fixture.vaults.kill(i)));
  await untilTrue("its absence to be seen", async () => {
    return (await watcher.metrics())['vault_hooks_members{state="unsealed"}'] === 0;
  });
  await delay(15_000);
  const started = Promise.all([0, 1, 2].map((i) => fixture.vaults.start(i)));
  console.log(`after an absence: ${await untilUnsealed(fixture, [0, 1, 2])} ms`);
  await started;

  expect((await watcher.probe("/healthz")).status).toBe(200);
  await watcher.stop();
});
