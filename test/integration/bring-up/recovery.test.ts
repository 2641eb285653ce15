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
  failure,
  type Ground,
  secretValues,
  startGround,
  untilLogged,
} from "./fixture.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround(1);
});
afterAll(() => ground.close());
beforeEach(() => ground.reset());

/** A desired state that says nothing but a word of recovery. */
async function withWord(word: string, value: string): Promise<string> {
  const dir = join(await tempDir("config"), "config");
  await mkdir(dir);
  await writeFile(join(dir, "recovery.yaml"), `recovery:\n  ${word}: "${value}"\n`);
  return `--config=${dir}`;
}

async function wipe(): Promise<void> {
  await ground.vaults.kill(0);
  await ground.vaults.wipe(0);
  await ground.vaults.start(0);
}

describe("storage that was lost while its keys live", () => {
  it("is not initialised again, until Git names these very keys; they are archived, and the word is used up", async () => {
    await ground.bringUp();
    const { fingerprint = "" } = await ground.record();
    const old = await ground.secret("vault-unseal-keys");
    const values = await secretValues(ground);
    await wipe();

    const refused = await ground.run("init");
    const word = await withWord("acceptDataLoss", fingerprint);
    const accepted = await ground.run("init", word, await ground.as("init"));
    await wipe();
    const again = await ground.run("init", word);

    expectCode(refused, 4);
    expect(failure(refused).todo).toContain(`recovery: {acceptDataLoss: "${fingerprint}"}`);
    expectCode(accepted, 0);
    expect(changes(accepted)[0]).toBe(`archived keys ${fingerprint}`);
    const archive = await ground.secret("vault-unseal-keys-archive");
    expect(JSON.parse(archive?.[fingerprint] ?? "")).toEqual(old);
    expectCode(again, 4);
    for (const outcome of [refused, accepted, again]) expectNoSecrets(outcome, values);
  });

  it("keeps the keys of every Vault that was given up", async () => {
    const given: string[] = [];
    for (let i = 0; i < 2; i++) {
      await ground.run("init");
      const { fingerprint = "" } = await ground.record();
      given.push(fingerprint);
      await wipe();
      expectCode(await ground.run("init", await withWord("acceptDataLoss", fingerprint)), 0);
      await wipe();
      given.push((await ground.record())["fingerprint"] ?? "");
      expectCode(await ground.run("init", await withWord("acceptDataLoss", given.at(-1) ?? "")), 0);
      await ground.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-unseal-keys", "vault-root-token"]);
      await wipe();
    }

    expect(Object.keys((await ground.secret("vault-unseal-keys-archive")) ?? {}).sort()).toEqual(given.sort());
  });
});

describe("a Vault that was initialised, never used, and whose keys are lost", () => {
  it("is made again on the word in Git: its volumes and pods are deleted, and init waits for new ones", async () => {
    ground.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });
    expectCode(await ground.run("init"), 4);
    const { intent = "" } = await ground.record();

    const flags = [await withWord("remakeUnused", intent), await ground.as("init")];
    const denied = await ground.run("init", ...flags);
    await ground.kube.apply(await readFile(join(projectDir, "hooks/rbac/remake.yaml"), "utf8"));
    const running = await ground.start("init", ...flags);
    await untilLogged(running, "deleted a pod that was never used");
    // what the StatefulSet's controller does, which does not run here
    await wipe();
    await ground.pods.addPod(0);
    const outcome = await running.outcome;

    expectCode(denied, 5);
    expect(failure(denied).error).toContain("delete PersistentVolumeClaim data-vault-0");
    expect(failure(denied).todo).toContain("hooks/rbac/remake.yaml");
    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual([
      `deleted the unused volumes of intent ${intent}`,
      expect.stringContaining("initialised vault-0"),
    ]);
    expect(await ground.record()).not.toMatchObject({ intent });
    expectCode(await ground.run("unseal"), 0);
    expectNoSecrets(outcome, await secretValues(ground));
  });

  it("is made again to the end by the next run, where one was cut off between two members", async () => {
    const two = await startGround(2);
    try {
      two.proxies[0]?.fault({ do: "lose" }, { path: /^sys\/init$/, times: 1 });
      expectCode(await two.run("init"), 4);
      const { intent = "" } = await two.record();
      // as a run leaves it that has deleted both claims and one pod: a claim goes only after its pod
      const claimOf1 = ["-n", "vault", "patch", "pvc", "data-vault-1", "--type=merge", "-p"];
      await two.kube.kubectl([...claimOf1, '{"metadata":{"finalizers":["kubernetes.io/pvc-protection"]}}']);
      await two.kube.kubectl(["-n", "vault", "delete", "pvc", "data-vault-0", "data-vault-1", "--wait=false"]);
      await two.pods.removePod(0);
      await two.vaults.kill(0);
      await two.vaults.wipe(0);
      await two.vaults.start(0);
      await two.pods.addPod(0);

      const running = await two.start("init", await withWord("remakeUnused", intent));
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

  it("may be made again too where Vault has failed when it was half done, and said so by 400", async () => {
    const errors = ["failed to write initialization flag: no space left on device"];
    ground.proxies[0]?.fault({ status: 400, errors, done: true }, { path: /^sys\/init$/, times: 1 });

    const outcomes = [await ground.run("init"), await ground.run("init")];

    const { intent } = await ground.record();
    for (const outcome of outcomes) {
      expectCode(outcome, 4);
      expect(failure(outcome).todo).toContain(`recovery: {remakeUnused: "${intent}"}`);
    }
    expect(failure(outcomes[0] as Outcome).error).toContain("no space left on device");
  });

  it("is not made again once it was unsealed", async () => {
    await ground.bringUp();
    const { intent = "" } = await ground.record();
    await ground.kube.kubectl(["-n", "vault-custody", "delete", "secret", "vault-unseal-keys"]);
    await ground.restart();

    const outcome = await ground.run("init", await withWord("remakeUnused", intent));

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 holds an initialised Vault");
    expect(await ground.sealStatus(0)).toMatchObject({ initialized: true });
  });
});

describe("a Vault that someone else initialised", () => {
  /** As by `vault operator init`. @returns the one share */
  async function initialiseByHand(): Promise<string> {
    const body = JSON.stringify({ secret_shares: 1, secret_threshold: 1 });
    const answer = await fetch(`${ground.vaults.addresses[0]}/v1/sys/init`, { method: "PUT", body });
    return ((await answer.json()) as { keys: [string] }).keys[0];
  }

  async function expectLeftAlone(intent: string): Promise<void> {
    const outcome = await ground.run("init", await withWord("remakeUnused", intent));
    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 holds an initialised Vault");
    expect(failure(outcome).todo).not.toContain("remakeUnused");
    const left = await ground.kube.kubectl(["-n", "vault", "get", "pod,pvc", "-o=name"]);
    expect(left.trim().split("\n")).toEqual(["pod/vault-0", "persistentvolumeclaim/data-vault-0"]);
  }

  it("is left alone after a call that never reached it, whatever Git says, also once it was seen open", async () => {
    ground.proxies[0]?.fault({ do: "cut" }, { path: /^sys\/init$/, times: 1 });
    expectCode(await ground.run("init"), 3);
    const { intent = "" } = await ground.record();
    const key = await initialiseByHand();

    await expectLeftAlone(intent);
    await fetch(`${ground.vaults.addresses[0]}/v1/sys/unseal`, { method: "PUT", body: JSON.stringify({ key }) });
    const seen = await ground.run("init");
    await ground.restart();

    expectCode(seen, 0);
    expect(await ground.record()).toMatchObject({
      intent,
      unsealedAt: expect.any(String),
      clusterId: expect.any(String),
    });
    await expectLeftAlone(intent);
  });

  it("is left alone by the run that it was quicker than", async () => {
    ground.proxies[0]?.fault({ delayMs: 3000 }, { path: /^sys\/init$/, times: 1 });
    const running = await ground.start("init");
    await untilLogged(running, '"msg":"initialising"');
    await delay(1000);
    await initialiseByHand();

    const outcome = await running.outcome;

    expectCode(outcome, 4);
    expect(failure(outcome).error).toContain("vault-0 was initialised by someone else");
    expect(failure(outcome).todo).not.toContain("remakeUnused");
    await expectLeftAlone((await ground.record())["intent"] ?? "");
  });
});

it("touches nothing while the desired state is wrong", async () => {
  const dir = join(await tempDir("config"), "config");
  await mkdir(dir);
  await writeFile(join(dir, "recovery.yaml"), "recovery: {acceptDatLoss: x}\n");

  const outcome = await ground.run("init", `--config=${dir}`);

  expectCode(outcome, 2);
  expect(failure(outcome).error).toContain("acceptDataLoss");
  expect(await ground.sealStatus(0)).toMatchObject({ initialized: false });
});
