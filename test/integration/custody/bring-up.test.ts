import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { liftProtection, protectCustody } from "../../helpers/protection.ts";
import type { Outcome } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { changes, expectCode, type Fixture, failure, startFixture } from "../bring-up/fixture.ts";
import { type ConfigFixture, startConfigFixture } from "../configure/fixture.ts";

const keys = "vault-unseal-keys";
const asInit = "--as=system:serviceaccount:vault:vault-hooks-init";

describe("in a protected custody,", () => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await startFixture(1);
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await liftProtection(fixture.kube);
    await applyConfig("{}"); // without the ConfigMap, nobody may delete the keys
    await fixture.reset();
    await protectCustody(fixture.kube);
  });

  const custody = (...args: string[]) => fixture.kube.kubectl(["-n", "vault-custody", ...args]);
  const dryRunDeletion = () => custody("delete", "secret", keys, "--dry-run=server", asInit);

  async function wipe(): Promise<void> {
    await fixture.vaults.kill(0);
    await fixture.vaults.wipe(0);
    await fixture.vaults.start(0);
  }

  /** Writes the declaration into a folder. @returns the flag that names the folder */
  async function declaring(declaration: string): Promise<string> {
    const dir = join(await tempDir("config"), "config");
    await mkdir(dir);
    await writeFile(join(dir, "recovery.yaml"), declaration);
    return `--config=${dir}`;
  }

  async function applyConfig(declaration: string): Promise<void> {
    const metadata = { name: "vault-hooks-config", namespace: "vault" };
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "recovery.yaml": declaration } };
    await fixture.kube.apply(stringify(map));
  }

  /** Puts the declaration where Argo CD puts it, and waits until the API server heeds it. */
  async function commit(declaration: string): Promise<void> {
    await applyConfig(declaration);
    let reason = "";
    async function probe(): Promise<true | undefined> {
      reason = await dryRunDeletion().then(() => "", String);
      return reason === "" ? true : undefined;
    }
    await until("the declaration to be heeded", deadlineIn(60_000), probe, () => reason);
  }

  it("the hooks bring Vault up", async () => {
    for (const command of ["init", "unseal", "join"]) {
      expectCode(await fixture.run(command, await fixture.as(command)), 0);
    }

    const { fingerprint } = await fixture.record();
    const annotations = await custody("get", "secret", keys, "-o=jsonpath={.metadata.annotations}");
    expect(JSON.parse(annotations)).toEqual({ "vault-hooks.dev/fingerprint": fingerprint });
    expect(await fixture.custodyNames()).not.toContain("secret/vault-init-answer");
  });

  it("init finishes what a killed run began, from its journal", async () => {
    expectCode(await fixture.run("init"), 0);
    const { fingerprint } = await fixture.record();
    const stored = await fixture.secret(keys);
    const token = await fixture.secret("vault-root-token");
    await liftProtection(fixture.kube);
    await custody("delete", "secret", keys, "vault-root-token");
    const literals = Object.entries({ ...stored, ...token }).map(([key, value]) => `--from-literal=${key}=${value}`);
    await custody("create", "secret", "generic", "vault-init-answer", ...literals);
    await protectCustody(fixture.kube);

    const outcome = await fixture.run("init", await fixture.as("init"));

    expectCode(outcome, 0);
    expect(changes(outcome)).toEqual([`finished an earlier init, keys ${fingerprint}`]);
    expect(await fixture.custodyNames()).toEqual(["secret/vault-root-token", `secret/${keys}`]);
  });

  it("init as a hook gives the keys up only after Git has, and archives them", async () => {
    await fixture.bringUp();
    const { fingerprint = "" } = await fixture.record();
    const declaration = `recovery:\n  acceptDataLoss: "${fingerprint}"\n`;
    await wipe();
    const flags = [await declaring(declaration), await fixture.as("init")];

    const early = await fixture.run("init", ...flags);
    const kept = await fixture.secret(keys);
    await commit(declaration);
    const outcome = await fixture.run("init", ...flags);

    expectCode(early, 5);
    expect(failure(early).error).toContain("protect-keys.vault-custody");
    expect(kept?.["fingerprint"]).toBe(`sha256:${fingerprint}`);
    expectCode(outcome, 0);
    expect(changes(outcome)[0]).toBe(`archived keys ${fingerprint}`);
    expect(Object.keys((await fixture.secret("vault-unseal-keys-archive")) ?? {})).toEqual([fingerprint]);
  });

  it("init from a laptop cannot give the keys up, and says that the hook does", async () => {
    await fixture.bringUp();
    const { fingerprint = "" } = await fixture.record();
    const declaration = `recovery:\n  acceptDataLoss: "${fingerprint}"\n`;
    await commit(declaration);
    await wipe();

    const outcome = await fixture.run("init", await declaring(declaration));

    expectCode(outcome, 5);
    expect(failure(outcome).error).toContain("Only system:serviceaccount:vault:vault-hooks-init may delete it");
    expect(failure(outcome).todo).toContain("docs/runbook.md");
    expect(await fixture.secret(keys)).toBeDefined();
  });

  it("init exits 4 while the keys are gone although Vault is unsealed, and 0 once they are restored", async () => {
    await fixture.bringUp();
    const { fingerprint = "" } = await fixture.record();
    const backup = await custody("get", "secret", keys, "-o=yaml");
    await liftProtection(fixture.kube);
    await custody("delete", "secret", keys);

    const refused: Outcome = await fixture.run("init", await fixture.as("init"));
    await fixture.kube.kubectl(["create", "-f", "-"], backup.replaceAll(/^ {2}(resourceVersion|uid): .*\n/gm, ""));
    const restored = await fixture.run("init", await fixture.as("init"));

    expectCode(refused, 4);
    expect(failure(refused).error).toContain(`init stored keys with fingerprint ${fingerprint}`);
    expect(failure(refused).todo).toContain(`Restore Secret vault-custody/${keys} from a backup`);
    expectCode(restored, 0);
    expect(changes(restored)).toEqual([]);
  });
});

describe("in a protected custody, from a laptop,", () => {
  let fixture: ConfigFixture;

  beforeAll(async () => {
    fixture = await startConfigFixture();
    await protectCustody(fixture.kube);
  });
  afterAll(() => fixture.close());

  it("bootstrap initialises, unseals and configures Vault, and a second one changes nothing", async () => {
    const first = await fixture.run("bootstrap", { "vault.yaml": "policies: {}\n" });
    const again = await fixture.run("bootstrap");

    expect(first.code, first.stderr).toBe(0);
    expect(again.code, again.stderr).toBe(0);
    const names = await fixture.kube.kubectl(["-n", "vault-custody", "get", "secrets", "-o=name"]);
    expect(names).toContain(`secret/${keys}`);
    expect(names).not.toMatch(/vault-init-answer|vault-root-token/);
  });
});
