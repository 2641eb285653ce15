import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { projectDir } from "../../cluster/paths.ts";
import type { Outcome } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import {
  changes,
  expectCode,
  expectNoSecrets,
  type Fixture,
  failure,
  secretValues,
  startFixture,
  untilLogged,
} from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture(1);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

/** The flag for a desired state with only this recovery declaration. */
async function withRecovery(word: string, value: string): Promise<string> {
  const dir = join(await tempDir("config"), "config");
  await mkdir(dir);
  await writeFile(join(dir, "recovery.yaml"), `recovery:\n  ${word}: "${value}"\n`);
  return `--config=${dir}`;
}

async function wipe(): Promise<void> {
  await fixture.vaults.kill(0);
  await fixture.vaults.wipe(0);
  await fixture.vaults.start(0);
}

describe("init, when the storage was lost and custody has its keys,", () => {
  it("refuses until acceptDataLoss names these keys, archives them, and refuses again for the next keys", async () => {
    await fixture.bringUp();
    const { fingerprint = "" } = await fixture.record();
    const old = await fixture.secret("vault-unseal-keys");
    const values = await secretValues(fixture);
    await wipe();

    const refused = await fixture.run("init");
    const word = await withRecovery("acceptDataLoss", fingerprint);
    const accepted = await fixture.run("init", word, await fixture.as("init"));
    await wipe();
    const again = await fixture.run("init", word);

    expectCode(refused, 4);
    expect(failure(refused).todo).toContain(`recovery: {acceptDataLoss: "${fingerprint}"}`);
    expectCode(accepted, 0);
    expect(changes(accepted)[0]).toBe(`archived keys ${fingerprint}`);
    const archive = await fixture.secret("vault-unseal-keys-archive");
    expect(JSON.parse(archive?.[fingerprint] ?? "")).toEqual(old);
    expectCode(again, 4);
    for (const outcome of [refused, accepted, again]) expectNoSecrets(outcome, values);
  });

  it("keeps the keys of every lost Vault in the archive", async () => {
    const archived: string[] = [];
    for (let i = 0; i < 2; i++) {
      await fixture.run("init");
      const { fingerprint = "" } = await fixture.record();
      archived.push(fingerprint);
      await wipe();
      expectCode(await fixture.run("init", await withRecovery("acceptDataLoss", fingerprint)), 0);
      await wipe();
      archived.push((await fixture.record())["fingerprint"] ?? "");
      expectCode(await fixture.run("init", await withRecovery("acceptDataLoss", archived.at(-1) ?? "")), 0);
      // the record too: it would prove that there was a Vault
      const all = ["secret/vault-unseal-keys", "secret/vault-root-token", "configmap/vault-init-record"];
      await fixture.kube.kubectl(["-n", "vault-custody", "delete", ...all]);
      await wipe();
    }

    expect(Object.keys((await fixture.secret("vault-unseal-keys-archive")) ?? {}).sort()).toEqual(archived.sort());
  });
});

describe("init, when the keys of an unused Vault were lost,", () => {
  it("deletes the volumes and pods when remakeUnused names its intent, and waits for new ones", async () => {
    fixture.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });
    expectCode(await fixture.run("init"), 4);
    const { intent = "" } = await fixture.record();

    const flags = [await withRecovery("remakeUnused", intent), await fixture.as("init")];
    const denied = await fixture.run("init", ...flags);
    await fixture.kube.apply(await readFile(join(projectDir, "hooks/base/remake/rbac.yaml"), "utf8"));
    const running = await fixture.start("init", ...flags);
    await untilLogged(running, "deleted a pod that was never used");
    // the work of the StatefulSet's controller, which does not run here
    await wipe();
    await fixture.pods.addPod(0);
    const outcome = await running.outcome;

    expectCode(denied, 5);
    expect(failure(denied).error).toContain("delete PersistentVolumeClaim data-vault-0");
    expect(failure(denied).todo).toContain("hooks/base/remake");
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual([
      `deleted the unused volumes of intent ${intent}`,
      expect.stringContaining("initialised vault-0"),
    ]);
    expect(await fixture.record()).not.toMatchObject({ intent });
    expectCode(await fixture.run("unseal"), 0);
    expectNoSecrets(outcome, await secretValues(fixture));
  });

  it("finishes the deletion when an earlier run was interrupted between two members", async () => {
    const two = await startFixture(2);
    try {
      two.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });
      expectCode(await two.run("init"), 4);
      const { intent = "" } = await two.record();
      // the state after a run that deleted both claims and one pod: Kubernetes removes a claim only once its pod is gone
      const claimOf1 = ["-n", "vault", "patch", "pvc", "data-vault-1", "--type=merge", "-p"];
      await two.kube.kubectl([...claimOf1, '{"metadata":{"finalizers":["kubernetes.io/pvc-protection"]}}']);
      await two.kube.kubectl(["-n", "vault", "delete", "pvc", "data-vault-0", "data-vault-1", "--wait=false"]);
      await two.pods.removePod(0);
      await two.vaults.kill(0);
      await two.vaults.wipe(0);
      await two.vaults.start(0);
      await two.pods.addPod(0);

      const running = await two.start("init", await withRecovery("remakeUnused", intent));
      await untilLogged(running, "deleted a pod that was never used");
      await two.kube.kubectl([...claimOf1, '{"metadata":{"finalizers":null}}']);
      await two.pods.addPod(1);
      const outcome = await running.outcome;

      expectCode(outcome, 0);
      expect(outcome.stderr).not.toContain('"pod":"vault-0","uid"');
      expect(changes(outcome)).toEqual([
        expect.stringContaining(intent),
        expect.stringContaining("initialised vault-0"),
      ]);
    } finally {
      await two.close();
    }
  });

  it("offers remakeUnused also when Vault failed halfway and answered 400", async () => {
    const errors = ["failed to write initialization flag: no space left on device"];
    fixture.proxies[0]?.fault({ status: 400, errors, afterForwarding: true }, { path: /^sys\/init$/, times: 1 });

    const outcomes = [await fixture.run("init"), await fixture.run("init")];

    const { intent } = await fixture.record();
    for (const outcome of outcomes) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain(`recovery: {remakeUnused: "${intent}"}`);
    }
    expect(failure(outcomes[0] as Outcome).error).toContain("no space left on device");
  });

  it("refuses to recreate a Vault that was unsealed before", async () => {
    await fixture.bringUp();
    const { intent = "" } = await fixture.record();
    await fixture.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-unseal-keys"]);
    await fixture.restart();

    const outcome = await fixture.run("init", await withRecovery("remakeUnused", intent));

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 holds an initialised Vault");
    expect(await fixture.sealStatus(0)).toMatchObject({ initialized: true });
  });
});

describe("init, when someone else initialised Vault,", () => {
  /** Does the same as `vault operator init`. @returns the one share */
  async function initialiseByHand(): Promise<string> {
    const body = JSON.stringify({ secret_shares: 1, secret_threshold: 1 });
    const answer = await fetch(`${fixture.vaults.addresses[0]}/v1/sys/init`, { method: "PUT", body });
    return ((await answer.json()) as { keys: [string] }).keys[0];
  }

  async function expectUntouched(intent: string): Promise<void> {
    const outcome = await fixture.run("init", await withRecovery("remakeUnused", intent));
    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 holds an initialised Vault");
    expect(failure(outcome).todo).not.toContain("remakeUnused");
    const remaining = await fixture.kube.kubectl(["-n", "vault", "get", "pod,pvc", "-o=name"]);
    expect(remaining.trim().split("\n")).toEqual(["pod/vault-0", "persistentvolumeclaim/data-vault-0"]);
  }

  it("refuses to recreate it if its own call found no connection, even once that Vault has been unsealed", async () => {
    // init observes four times before it opens the connection for its call
    fixture.proxies[0]?.refuseAfter(4, /^sys\/seal-status$/);
    expectCode(await fixture.run("init"), 3);
    await fixture.proxies[0]?.accept();
    const { intent = "" } = await fixture.record();
    const key = await initialiseByHand();

    await expectUntouched(intent);
    await fetch(`${fixture.vaults.addresses[0]}/v1/sys/unseal`, { method: "PUT", body: JSON.stringify({ key }) });
    const seen = await fixture.run("init");
    await fixture.restart();

    expectCode(seen, 0);
    expect(await fixture.record()).toMatchObject({
      intent,
      unsealedAt: expect.any(String),
      clusterId: expect.any(String),
    });
    await expectUntouched(intent);
  });

  it("refuses to recreate Vault if the other call came just before init's own", async () => {
    fixture.proxies[0]?.fault({ delayMs: 3000 }, { path: /^sys\/init$/, times: 1 });
    const running = await fixture.start("init");
    await untilLogged(running, '"msg":"initialising"');
    await delay(1000);
    await initialiseByHand();

    const outcome = await running.outcome;

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 was initialised by someone else");
    expect(failure(outcome).todo).not.toContain("remakeUnused");
    await expectUntouched((await fixture.record())["intent"] ?? "");
  });
});

it("init changes nothing when the desired state is wrong", async () => {
  const dir = join(await tempDir("config"), "config");
  await mkdir(dir);
  await writeFile(join(dir, "recovery.yaml"), "recovery: {acceptDatLoss: x}\n");

  const outcome = await fixture.run("init", `--config=${dir}`);

  expectCode(outcome, 2);
  expect(failure(outcome).error).toContain("acceptDataLoss");
  expect(await fixture.sealStatus(0)).toMatchObject({ initialized: false });
});
