import { existsSync } from "node:fs";
import { lstat, readdir, readFile, readlink, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { ctr } from "./images.ts";
import { removeNetwork } from "./network.ts";
import { cacheDir, containerdSocket, logsDir, stateDir } from "./paths.ts";
import { startedProcesses, stopProcess } from "./processes.ts";
import { attempt, run } from "./run.ts";

/** Stopped in this order: what restarts things first, what it needs last. The rest, in any order, before these. */
const order = [
  "kubelet",
  "kube-proxy",
  "kube-scheduler",
  "kube-controller-manager",
  "coredns",
  "kube-apiserver",
  "etcd",
  "containerd",
];

/**
 * Stops the embedded cluster and removes its containers, mounts, links, rules, cgroups and state. Images and logs are kept.
 * Whatever of it does not exist is passed over, so that it also cleans up after a crash.
 */
export async function removeCluster(): Promise<void> {
  const started = await startedProcesses();
  const [first, ...rest] = order;
  for (const name of [...started.filter((each) => !order.includes(each)), first]) if (name) await stopProcess(name);
  if (existsSync(containerdSocket)) await removeContainers();
  for (const name of rest) await stopProcess(name);
  await killShims();
  await unmountBelow(stateDir);
  await removePodNetworks();
  await removeNetwork();
  await removeCgroups("kubepods");
  await removeTraces();
  for (const entry of await readdir(stateDir).catch(() => [])) {
    if (join(stateDir, entry) !== logsDir) await rm(join(stateDir, entry), { recursive: true, force: true });
  }
}

/** Usually a fraction of a second. Once containerd never answered, and all went well without that answer. */
const oneRemovalMs = 20_000;

/** Containers outlive containerd: they are killed while it still runs. */
async function removeContainers(): Promise<void> {
  const ids = (await ctr(["containers", "list", "-q"]).catch(() => "")).split("\n").filter(Boolean);
  const ctrHere = ["-a", containerdSocket, "-n", "k8s.io"];
  for (const id of ids) {
    await attempt("ctr", [...ctrHere, "tasks", "delete", "--force", id], { timeoutMs: oneRemovalMs });
    await attempt("ctr", [...ctrHere, "containers", "delete", id], { timeoutMs: oneRemovalMs });
  }
}

/** One whose container could not be removed in time outlives containerd. */
async function killShims(): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (isShimOf(containerdSocket, words)) await attempt("kill", ["-KILL", pid]);
  }
}

/** @param words the command line of a process: whether it is the keeper of a container of the containerd at this socket */
export function isShimOf(socket: string, [program = "", ...words]: readonly string[]): boolean {
  return /(^|\/)containerd-shim[^/]*$/.test(program) && words[words.indexOf("-address") + 1] === socket;
}

const cniResults = "/var/lib/cni/results";

/**
 * Removes the pods' network namespaces, and with each its end of the veth pair, and with that the host's. The network plugins'
 * own record of a pod goes last, so that a removal that was cut off finds it again.
 */
async function removePodNetworks(): Promise<void> {
  const files = await readdir(cniResults).catch(() => []);
  for (const name of files.filter((each) => each.startsWith("vault-hooks-"))) {
    const { containerId, netns } = podNetwork(await readFile(join(cniResults, name), "utf8"));
    if (netns) {
      await attempt("umount", ["-l", netns]);
      await rm(netns, { force: true });
    }
    for (const other of files) {
      if (other !== name && containerId && other.includes(containerId))
        await rm(join(cniResults, other), { force: true });
    }
    await rm(join(cniResults, name));
  }
}

/** @param cached what the network library remembers of one pod's link (its file cniCacheV1) */
export function podNetwork(cached: string): { containerId?: string | undefined; netns?: string | undefined } {
  const record: { containerId?: string; result?: { interfaces?: Array<{ sandbox?: string }> } } = JSON.parse(cached);
  const netns = record.result?.interfaces?.find((each) => each.sandbox)?.sandbox;
  return { containerId: record.containerId, netns };
}

/** Unmounts everything below a folder. */
export async function unmountBelow(dir: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  // The deepest first; a mount of the kubelet may hide another at the same place.
  for (const mount of mounts
    .filter((each) => each.startsWith(`${dir}/`))
    .sort()
    .reverse()) {
    await run("umount", ["-l", mount]);
  }
}

/** Removes the cgroup of this name, and all below it, from every controller. */
export async function removeCgroups(name: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  for (const controller of [".", ...(await readdir(root).catch(() => []))]) {
    await removeCgroup(join(root, controller, name));
  }
}

async function removeCgroup(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(dir, entry.name));
  await rmdir(dir).catch(() => {});
}

/** Folders at fixed places that kubelet and containerd make; removed if nobody else's files are in them. */
const fixedFolders = [
  "/var/log/containers",
  "/var/lib/cni/results",
  "/var/lib/cni",
  "/var/lib/kubelet/device-plugins",
  "/var/lib/kubelet",
  "/run/netns",
  "/run/containerd/runc/k8s.io",
  "/run/containerd/runc",
  "/run/containerd/s",
  "/run/containerd/fifo",
  "/run/containerd",
];

async function removeTraces(): Promise<void> {
  const links = "/var/log/containers";
  for (const name of await readdir(links).catch(() => [])) {
    const link = join(links, name);
    const target = (await lstat(link)).isSymbolicLink() ? await readlink(link) : "";
    if (target.startsWith(stateDir)) await rm(link);
  }
  await rm("/var/lib/kubelet/device-plugins/kubelet.sock", { force: true });
  for (const dir of fixedFolders) await rmdir(dir).catch(() => {});
  const making = (await readdir(join(cacheDir, "images")).catch(() => [])).filter((each) => each.startsWith("making-"));
  for (const name of making) await rm(join(cacheDir, "images", name), { recursive: true });
}
