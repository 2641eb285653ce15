import { existsSync } from "node:fs";
import { lstat, readdir, readFile, readlink, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { ctr } from "./images.ts";
import { removeNetwork } from "./network.ts";
import { cacheDir, containerdSocket, logsDir, stateDir } from "./paths.ts";
import { startedProcesses, stopProcess } from "./processes.ts";
import { attempt, run } from "./run.ts";

/** The order in which these stop, controllers before what they depend on. All other processes stop before, in any order. */
const stopOrder = [
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
 * Stops the embedded cluster and removes its containers, mounts, links, rules, cgroups and state. Keeps images and logs.
 * Also cleans up after a crash: parts that do not exist are skipped.
 */
export async function removeCluster(): Promise<void> {
  const started = await startedProcesses();
  const [first, ...rest] = stopOrder;
  for (const name of [...started.filter((each) => !stopOrder.includes(each)), first]) if (name) await stopProcess(name);
  if (existsSync(containerdSocket)) await removeContainers();
  for (const name of rest) await stopProcess(name);
  await killShims();
  await unmountBelow(stateDir);
  await removePodNetworks();
  await removeNetwork();
  await removeCgroups("kubepods");
  await removeRemnants();
  for (const entry of await readdir(stateDir).catch(() => [])) {
    if (join(stateDir, entry) !== logsDir) await rm(join(stateDir, entry), { recursive: true, force: true });
  }
}

/** A removal usually takes a fraction of a second. Once containerd never responded, although the container was removed. */
const removalTimeoutMs = 20_000;

/** Removes containers while containerd still runs, since they would outlive it. */
async function removeContainers(): Promise<void> {
  const ids = (await ctr(["containers", "list", "-q"]).catch(() => "")).split("\n").filter(Boolean);
  const ctrFlags = ["-a", containerdSocket, "-n", "k8s.io"];
  for (const id of ids) {
    await attempt("ctr", [...ctrFlags, "tasks", "delete", "--force", id], { timeoutMs: removalTimeoutMs });
    await attempt("ctr", [...ctrFlags, "containers", "delete", id], { timeoutMs: removalTimeoutMs });
  }
}

/** Kills the shims of containers that could not be removed in time, since they outlive containerd. */
async function killShims(): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const commandLine = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (isShimOf(containerdSocket, commandLine)) await attempt("kill", ["-KILL", pid]);
  }
}

/** @returns whether a command line is that of a containerd shim, the parent of a container, for the containerd at `socket` */
export function isShimOf(socket: string, [program = "", ...args]: readonly string[]): boolean {
  return /(^|\/)containerd-shim[^/]*$/.test(program) && args[args.indexOf("-address") + 1] === socket;
}

const cniResults = "/var/lib/cni/results";

/**
 * Removes the pods' network namespaces, which removes both ends of their veth pairs. Removes the CNI record of a pod last, so
 * that the next run finds it again after an interruption.
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

/** @param cached content of the file (cniCacheV1) in which the CNI library caches a pod's link */
export function podNetwork(cached: string): { containerId?: string | undefined; netns?: string | undefined } {
  const record: { containerId?: string; result?: { interfaces?: Array<{ sandbox?: string }> } } = JSON.parse(cached);
  const netns = record.result?.interfaces?.find((each) => each.sandbox)?.sandbox;
  return { containerId: record.containerId, netns };
}

/** Unmounts everything below a folder. */
export async function unmountBelow(dir: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  // The deepest first. A path may be listed twice, where a mount of the kubelet hides another.
  for (const mount of mounts
    .filter((each) => each.startsWith(`${dir}/`))
    .sort()
    .reverse()) {
    await run("umount", ["-l", mount]);
  }
}

/** Removes the cgroup with this name, and all below it, from every controller. */
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

/** Folders that kubelet and containerd create at fixed paths; removed if they are empty. */
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

async function removeRemnants(): Promise<void> {
  const links = "/var/log/containers";
  for (const name of await readdir(links).catch(() => [])) {
    const link = join(links, name);
    const target = (await lstat(link)).isSymbolicLink() ? await readlink(link) : "";
    if (target.startsWith(stateDir)) await rm(link);
  }
  await rm("/var/lib/kubelet/device-plugins/kubelet.sock", { force: true });
  for (const dir of fixedFolders) await rmdir(dir).catch(() => {});
  const unfinished = (await readdir(join(cacheDir, "images")).catch(() => [])).filter((each) =>
    each.startsWith("making-"),
  );
  for (const name of unfinished) await rm(join(cacheDir, "images", name), { recursive: true });
}
