import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundle } from "../../esbuild.config.ts";
import { projectDir } from "../cluster/paths.ts";
import { createFakeStatefulSet, type FakeStatefulSet } from "../helpers/fake-statefulset.ts";
import { type KubeServer, startKube } from "../helpers/kube-server.ts";
import { preparePodView } from "../helpers/pod-view.ts";
import { runCli } from "../helpers/run-cli.ts";
import { killedWithParent } from "../helpers/server-process.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { startVault, type VaultServers } from "../helpers/vault-servers.ts";
import { installHealth } from "../integration/health/fixture.ts";

/**
 * Prints the memory and the CPU of `watch`, as it runs in its image, beside three unsealed members: at rest, through a storm of pod
 * events, and at rest again. Fails if a member that restarts after that is not unsealed.
 * Usage: tsx test/long/watch.ts [minutes at rest] [pod events]
 */
const [minutes = 30, events = 1000] = process.argv.slice(2).map(Number);
/** Clock ticks in a second, in which Linux counts CPU time. */
const ticks = 100;

const [kube, vaults] = await Promise.all([startKube(), startVault({ members: 3 })]);
const dir = await tempDir("watch-soak");
try {
  const pods = await createFakeStatefulSet(kube, { ips: vaults.ips });
  await bringUp(kube, vaults);
  const { pid, end } = await startWatch(kube);
  await delay(5000);
  await measure(pid, `at rest, ${minutes} min`, () => delay(minutes * 60_000));
  await measure(pid, `storm of ${events} pod events`, () => storm(kube, pods, vaults));
  await measure(pid, "at rest again, 1 min", () => delay(60_000));
  const ms = await restart(vaults, 1);
  console.log(`then a member that restarted was unsealed ${ms} ms after its listener answered`);
  await end();
} finally {
  await vaults.close();
  await kube.close();
  await rm(dir, { recursive: true, force: true });
}

async function bringUp({ kubeconfig }: KubeServer, { address }: VaultServers): Promise<void> {
  for (const command of ["init", "unseal", "join"]) {
    const { code, stderr } = await runCli([command, `--kubeconfig=${kubeconfig}`, `--address=${address}`]);
    if (code !== 0) throw new Error(`${command} exited with ${code}:\n${stderr}`);
  }
}

/** Runs the bundled program as in a pod, so that neither tsx nor the tests count. */
async function startWatch(server: KubeServer): Promise<{ pid: number; end: () => Promise<void> }> {
  await installHealth(server);
  await server.apply(await readFile(join(projectDir, "hooks/watch/base/rbac.yaml"), "utf8"));
  await bundle(join(projectDir, "src/cli.ts"), join(dir, "dist"));
  const view = { ...(await server.podViewFor("vault-watch", "vault-hooks-watch")), hostname: "vault-watch-soak" };
  const program = [process.execPath, join(dir, "dist/vault-hooks.cjs"), "watch", "--listen=127.0.0.1:0"];
  const [setpriv, ...flags] = killedWithParent;
  const child = spawn(setpriv, [...flags, ...(await preparePodView(dir, view)), ...program], {
    env: { PATH: process.env["PATH"] ?? "", ...server.podEnv },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill("SIGTERM");
      const code = await exited;
      if (code !== 0) throw new Error(`watch exited with ${code}`);
    },
  };
}

/** Prints the largest and the last memory, and the average CPU, of a process while `act` runs. */
async function measure(pid: number, what: string, act: () => Promise<void>): Promise<void> {
  const [from, cpuFrom] = [performance.now(), await cpuSeconds(pid)];
  let [largest, ended] = [0, false];
  const sampling = (async () => {
    while (!ended) {
      largest = Math.max(largest, await megabytes(pid, "RssAnon"));
      await delay(500);
    }
  })();
  await act();
  ended = true;
  await sampling;
  const millicores = (((await cpuSeconds(pid)) - cpuFrom) / ((performance.now() - from) / 1000)) * 1000;
  const last = await megabytes(pid, "RssAnon");
  const file = await megabytes(pid, "RssFile");
  console.log(
    `${what}: ${largest.toFixed(0)} MB at most, ${last.toFixed(0)} MB at the end (and ${file.toFixed(0)} MB of mapped files), ` +
      `${millicores.toFixed(1)} millicores`,
  );
}

/** RssAnon is what Kubernetes counts as the memory of a container. RssFile is mostly Node itself, which all containers of a node share. */
async function megabytes(pid: number, field: "RssAnon" | "RssFile"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Half of the events change Vault's pods, the others create and delete pods beside them. */
async function storm({ core }: KubeServer, pods: FakeStatefulSet, { ips }: VaultServers): Promise<void> {
  const namespace = "vault";
  const spec = { containers: [{ name: "c", image: "x", env: [{ name: "filler", value: "x".repeat(20_000) }] }] };
  for (let i = 0; i < events / 4; i++) {
    const name = `job-${i}`;
    await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
    for (const n of [0, 1]) await pods.setPodStatus(n, { phase: "Running", podIP: ips[n], message: `event ${i}` });
    await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
  }
}

/** @returns milliseconds from the first answer of its listener until it is unsealed */
async function restart(servers: VaultServers, i: number): Promise<number> {
  await servers.kill(i);
  const started = servers.start(i);
  const answer = async () => {
    const response = await fetch(`${servers.addresses[i]}/v1/sys/seal-status`).catch(() => undefined);
    return response === undefined ? undefined : ((await response.json()) as { sealed: boolean });
  };
  while ((await answer()) === undefined) await delay(10);
  const from = performance.now();
  while ((await answer())?.sealed !== false) {
    if (performance.now() - from > 60_000) throw new Error(`vault-${i} was not unsealed`);
    await delay(10);
  }
  await started;
  return Math.round(performance.now() - from);
}
