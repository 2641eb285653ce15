import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type Outcome, runCli } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";
import { createHealth, installHealth, installHook, removeHealth, storedHealth } from "./fixture.ts";

const commands = ["init", "unseal", "join", "configure"] as const;
const namespace = "vault-custody";
let kube: KubeServer;
let vaults: VaultServers;
let dir: string;

beforeAll(async () => {
  kube = await startKube();
  vaults = await startVault({ podView: await vaultPodView(kube) });
  await createFakeStatefulSet(kube, { replicas: 1, ips: vaults.ips });
  for (const command of commands) await installHook(kube, command);
  dir = await tempDir("outcome");
  await mkdir(join(dir, "empty"));
  await writeFile(join(dir, "empty", "vault.yaml"), "{}\n");
  await mkdir(join(dir, "wrong"));
  await writeFile(join(dir, "wrong", "vault.yaml"), "polices: {}\n");
});
afterAll(async () => {
  await vaults?.close();
  await kube?.close();
  await rm(dir, { recursive: true });
});

/** Runs a command as its hook does: in a pod, with the rights of its ServiceAccount. */
async function runHook(command: string, ...flags: string[]): Promise<Outcome> {
  const podView = await kube.podViewFor("vault", `vault-hooks-${command}`);
  const shares = command === "init" ? ["--shares=1", "--threshold=1"] : [];
  const common = [`--address=${vaults.address}`, "--output=json", "--log-level=debug", "--timeout=40s"];
  return await runCli([command, ...common, ...shares, ...flags], {
    podView,
    env: { ...kube.podEnv, VAULT_HOOKS_TOKEN_FILE: "/var/run/secrets/vault-hooks/token" },
  });
}

describe("without the kind VaultHealth", () => {
  it("each run ends as it would have, and logs only at level debug that it wrote no outcome", async () => {
    const outcome = await runHook("unseal", "--timeout=2s");

    expect(outcome.code).toBe(3); // Vault is not initialised yet
    expect(outcome.stderr).toMatch(/"level":"debug".*cannot write the outcome to VaultHealth/);
    expect(outcome.stderr).not.toMatch(/"level":"warn"/);
  });
});

describe("with VaultHealth,", () => {
  beforeAll(() => installHealth(kube));

  it("each hook writes its success with the rights of its own ServiceAccount", async () => {
    const from = Date.now();
    const outcomes = [
      await runHook("init"),
      await runHook("unseal"),
      await runHook("join"),
      await runHook("configure", `--config=${join(dir, "empty")}`),
    ];

    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0);
    const { hooks } = (await storedHealth(kube)).status ?? {};
    expect(Object.keys(hooks ?? {}).sort()).toEqual([...commands].sort());
    for (const command of commands) {
      expect(hooks?.[command]).toEqual({ exitCode: 0, finishedAt: expect.stringMatching(/^\d{4}-.*:\d\dZ$/) });
      expect(Date.parse(hooks?.[command]?.finishedAt ?? "")).toBeGreaterThan(from - 1000);
    }
  });

  describe("a failure", () => {
    beforeEach(async () => {
      await removeHealth(kube);
      await createHealth(kube);
    });

    it("is written with its reason and remedy, and leaves the other hooks' outcomes alone", async () => {
      await runHook("unseal");
      const { code } = await runHook("configure", `--config=${join(dir, "wrong")}`);

      expect(code).toBe(2);
      const { hooks } = (await storedHealth(kube)).status ?? {};
      expect(hooks?.unseal?.exitCode).toBe(0);
      expect(hooks?.configure).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("polices"),
        remedy: expect.stringMatching(/.+/),
      });
      expect(hooks?.configure).not.toHaveProperty("retryUntil");
    });

    it("that the Job retries is written with the time of the retry", async () => {
      const { code } = await runHook("unseal", "--statefulset=vault", "--address=http://127.0.0.9:1", "--timeout=2s");

      expect(code).toBe(3);
      const { unseal } = (await storedHealth(kube)).status?.hooks ?? {};
      const seconds = (Date.parse(unseal?.retryUntil ?? "") - Date.parse(unseal?.finishedAt ?? "")) / 1000;
      expect(unseal).toMatchObject({ exitCode: 3, message: expect.stringContaining("vault-0") });
      expect(seconds).toBe(92);
    });

    it("is cleared by the next success", async () => {
      await runHook("unseal", "--address=http://127.0.0.9:1", "--timeout=2s");
      await runHook("unseal");

      expect((await storedHealth(kube)).status?.hooks?.unseal).toEqual({ exitCode: 0, finishedAt: expect.any(String) });
    });
  });

  it("a refused init is written, without any secret value", async () => {
    const secrets = await kube.kubectl(["-n", namespace, "get", "secret", "vault-unseal-keys", "-o=json"]);
    const { data } = JSON.parse(secrets) as { data: Record<string, string> };
    await vaults.kill(0);
    await vaults.wipe(0);
    await vaults.start(0);

    const { code } = await runHook("init");

    expect(code).toBe(4);
    const stored = await storedHealth(kube);
    expect(stored.status?.hooks?.init).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining("the storage was lost"),
      remedy: expect.stringContaining("acceptDataLoss"),
    });
    const share = Buffer.from(data["share-0"] ?? "", "base64").toString();
    expect(share.length).toBeGreaterThan(20);
    expect(JSON.stringify(stored)).not.toContain(share);
  });

  it("a run outside the cluster writes nothing", async () => {
    const before = await storedHealth(kube);

    const { code } = await runCli([
      "unseal",
      `--kubeconfig=${kube.kubeconfig}`,
      `--address=${vaults.address}`,
      "--timeout=2s",
    ]);

    expect(code).toBe(3);
    expect((await storedHealth(kube)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it("status shows the last runs, also to a person outside the cluster", async () => {
    const outside = [`--kubeconfig=${kube.kubeconfig}`, `--address=${vaults.address}`];

    const json = await runCli(["status", ...outside, "--output=json"]);
    const table = await runCli(["status", ...outside, "--output=table"]);

    expect(JSON.parse(json.stdout)).toMatchObject({ health: { upToDate: false, hooks: { init: { exitCode: 4 } } } });
    expect(table.stdout).toMatch(/^init +4 +\d{4}-.*the storage was lost/m);
  });

  it("a hook without the right to write ends as it would have", async () => {
    await kube.kubectl(["-n", "vault-watch", "delete", "rolebinding", "vault-hooks-outcome"]);
    const before = await storedHealth(kube);

    const { code, stderr } = await runHook("unseal", "--timeout=2s");

    expect(code).toBe(3);
    expect(stderr).toMatch(/"level":"debug".*Kubernetes denied it.*cannot write the outcome to VaultHealth/);
    expect((await storedHealth(kube)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});

it("a run whose API server is gone ends, at most 5 s later than it would have", async () => {
  await kube.stop();
  const from = Date.now();

  const { code, stderr } = await runHookWithoutServer();

  expect(code).toBe(3);
  expect(stderr).toMatch(/"level":"warn".*cannot write the outcome to VaultHealth/);
  expect(Date.now() - from).toBeLessThan(20_000);

  async function runHookWithoutServer(): Promise<Outcome> {
    const secrets = {
      "kubernetes.io/serviceaccount/token": "x",
      "kubernetes.io/serviceaccount/ca.crt": kube.ca,
      "kubernetes.io/serviceaccount/namespace": "vault",
    };
    const podView = { hosts: {}, secrets };
    return await runCli(["unseal", "--output=json", "--timeout=2s"], { podView, env: kube.podEnv });
  }
});
