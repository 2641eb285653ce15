import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import { formatKeys } from "../../../src/custody/keys-data.ts";
import { type Fixture, startFixture } from "../bring-up/fixture.ts";
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
beforeEach(async () => {
  await fixture.reset();
  await fixture.bringUp("--shares=3", "--threshold=2");
});
afterEach(() => killWatchers());

const custody = "vault-custody";

async function replaceKeys(data: Record<string, string> | undefined): Promise<void> {
  await fixture.kube.kubectl(["-n", custody, "delete", "secret", "vault-unseal-keys", "--ignore-not-found"]);
  if (data === undefined) return;
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "vault-unseal-keys", namespace: custody },
    stringData: data,
  };
  await fixture.kube.apply(JSON.stringify(secret));
}

const foreignShares = [1, 2, 3].map((n) => Buffer.alloc(33, n).toString("base64"));
const foreign = formatKeys({
  shares: foreignShares,
  threshold: 2,
  fingerprint: fingerprintOf(foreignShares),
  created: "",
});

it("shares of another Vault are reported, and sent again only after a backoff; the right ones are used at once", async () => {
  const right = (await fixture.secret("vault-unseal-keys")) ?? {};
  const watcher = await startWatch(fixture);
  await replaceKeys(foreign);
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  await watcher.logged("do not unseal vault-1");
  const sent = sharesSent(fixture, 1);
  await delay(8000);

  // one attempt: three sets of two shares, and a reset
  expect(sharesSent(fixture, 1)).toBe(sent);
  expect(await watcher.metrics()).toMatchObject({ 'vault_hooks_unseal_total{result="refused"}': 1 });
  await replaceKeys(right);
  await untilUnsealed(fixture, [1]);
  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  await watcher.stop();
});

it("a member that the keys do not fit holds up no other member", async () => {
  const watcher = await startWatch(fixture);
  // as a member with the data of another Vault answers
  fixture.proxies[0]?.fault(
    { status: 400, errors: ["cipher: message authentication failed"] },
    { path: /^sys\/unseal/ },
  );
  await fixture.vaults.kill(0);
  await fixture.vaults.start(0);
  await watcher.logged("do not unseal vault-0");

  console.log(`beside a refused member: ${await restartMembers(fixture, [2])} ms`);
  expect((await fixture.sealStatus(2))["sealed"]).toBe(false);
  expect((await fixture.sealStatus(0))["sealed"]).toBe(true);
  await watcher.stop();
});

it("missing keys are reported with the remedy, and used within seconds once they are restored", async () => {
  const keys = (await fixture.secret("vault-unseal-keys")) ?? {};
  const watcher = await startWatch(fixture);
  await replaceKeys(undefined);
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  await watcher.logged("Restore Secret vault-custody/vault-unseal-keys from a backup");

  await replaceKeys(keys);
  await untilUnsealed(fixture, [1]);
  expect((await fixture.sealStatus(1))["sealed"]).toBe(false);
  await watcher.stop();
});

it("a record of another Vault stops every repair, and is named", async () => {
  const watcher = await startWatch(fixture);
  await fixture.kube.kubectl(["create", "namespace", "vault-b"]).catch(() => undefined);
  const record = { data: { namespace: "vault-b", name: "vault", statefulSet: "uid-of-another" } };
  await fixture.kube.kubectl(["-n", custody, "patch", "configmap", "vault-init-record", "-p", JSON.stringify(record)]);
  const before = sharesSent(fixture, 1);
  await fixture.vaults.kill(1);
  await fixture.vaults.start(1);
  await watcher.logged("custody is in use by another Vault");
  await delay(2000);

  expect(sharesSent(fixture, 1)).toBe(before);
  expect((await fixture.sealStatus(1))["sealed"]).toBe(true);
  await untilTrue("liveness", async () => (await watcher.probe("/healthz")).status === 200);
  await watcher.stop();
});
