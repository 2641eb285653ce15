import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { projectDir } from "../../cluster/paths.ts";
import { createFakeStatefulSet, type FakeStatefulSet } from "../../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { type Outcome, runCli } from "../../helpers/run-cli.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { vaultPodView } from "../../helpers/vault-pod-view.ts";
import { startVault, type VaultServers } from "../../helpers/vault-servers.ts";

const most = 5;

/** A StatefulSet of real Vaults with Raft that is scaled between none and five members. */
export type ScalingFixture = {
  readonly kube: KubeServer;
  readonly vaults: VaultServers;
  readonly pods: FakeStatefulSet;
  /** Runs a command with this desired state; `flags` override those that every run gets. */
  run(command: string, yaml?: string, ...flags: string[]): Promise<Outcome>;
  /** Runs configure with the permissions of its hook and no others. */
  runAsHook(yaml: string): Promise<Outcome>;
  /** Scales the StatefulSet: ends the members beyond, or starts those that are missing, and their pods. Unseals none. */
  scale(replicas: number): Promise<void>;
  /** Waits until Raft has this many voters. */
  voters(count: number): Promise<void>;
  /** Waits until no member is the leader, because there is no quorum. */
  leaderless(): Promise<void>;
  status(): Promise<Status>;
  close(): Promise<void>;
};

type Status = {
  readonly healthy: boolean;
  readonly pods: readonly { readonly pod: string; readonly role: string | null; readonly voter: boolean | null }[];
  readonly deadPeers: readonly string[] | null;
};

/** Starts with three pods, uninitialised. */
export async function startScalingFixture(kind: "vault" | "bao"): Promise<ScalingFixture> {
  const kube = await startKube();
  const podView = await vaultPodView(kube);
  const vaults = await startVault({ kind, members: most, podView });
  const pods = await createFakeStatefulSet(kube, { replicas: 3, ips: vaults.ips });
  await kube.apply(await readFile(join(projectDir, "hooks/base/configure/rbac.yaml"), "utf8"));
  const dir = await tempDir("scaling");
  let size = 3;

  async function run(command: string, yaml?: string, ...flags: string[]): Promise<Outcome> {
    const config = yaml === undefined ? [] : [`--config=${dir}`];
    if (yaml !== undefined) await writeFile(join(dir, "vault.yaml"), yaml);
    const common = [`--kubeconfig=${kube.kubeconfig}`, `--address=${vaults.address}`, "--output=json", "--timeout=60s"];
    const shares = command === "bootstrap" ? ["--shares=1", "--threshold=1"] : [];
    return await runCli([command, ...config, ...shares, ...common, ...flags]);
  }

  async function status(): Promise<Status> {
    return JSON.parse((await run("status")).stdout) as Status;
  }

  return {
    kube,
    vaults,
    pods,
    run,
    status,
    async runAsHook(yaml) {
      const create = ["-n", "vault", "create", "token", "vault-hooks-configure", "--audience=vault-hooks"];
      const file = join(await tempDir("token"), "token");
      await writeFile(file, (await kube.kubectl(create)).trim());
      const kubeconfig = await kube.kubeconfigFor("vault", "vault-hooks-configure");
      return await run("configure", yaml, `--kubeconfig=${kubeconfig}`, `--token-file=${file}`);
    },
    async scale(replicas) {
      await pods.scale(replicas);
      for (let i = replicas; i < size; i++) await Promise.all([vaults.kill(i), pods.removePod(i)]);
      for (let i = size; i < replicas; i++) {
        await vaults.kill(i);
        await vaults.start(i);
        await pods.addPod(i);
      }
      size = replicas;
    },
    async voters(count) {
      await until(`${count} voters`, deadlineIn(60_000), async () => {
        const { pods: found } = await status();
        return found.filter(({ voter }) => voter).length === count ? true : undefined;
      });
    },
    async leaderless() {
      await until("the leader to step down", deadlineIn(60_000), async () => {
        const { pods: found } = await status();
        return found.some(({ role }) => role === "leader") ? undefined : true;
      });
    },
    async close() {
      await vaults.close();
      await kube.close();
    },
  };
}
