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
  const namespaces = existsSync(containerdSocket) ? await removeContainers() : [];
  for (const name of rest) await stopProcess(name);
  await unmountBelow(stateDir);
  await removeNetworkNamespaces(namespaces);
  await removeNetwork();
  await removeCgroups();
  await removeTraces();
  for (const entry of await readdir(stateDir).catch(() => [])) {
    if (join(stateDir, entry) !== logsDir) await rm(join(stateDir, entry), { recursive: true, force: true });
  }
}

/** Containers outlive containerd: they are killed while it still runs. @returns the network namespaces that they had */
async function removeContainers(): Promise<string[]> {
  const namespaces = new Set<string>();
  const ids = await ctr(["containers", "list", "-q"]).catch(() => "");
  for (const id of ids.split("\n").filter(Boolean)) {
    const info = await ctr(["containers", "info", id]).catch(() => "");
    const path = /"(\/(?:var\/)?run\/netns\/[^"]+)"/.exec(info)?.[1];
    if (path) namespaces.add(path);
    await attempt("ctr", ["-a", containerdSocket, "-n", "k8s.io", "tasks", "delete", "--force", id]);
    await attempt("ctr", ["-a", containerdSocket, "-n", "k8s.io", "containers", "delete", id]);
  }
  return [...namespaces];
}

/** Removing a pod's namespace removes its end of the veth pair, and with it the host's. */
async function removeNetworkNamespaces(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await attempt("umount", ["-l", path]);
    await rm(path, { force: true });
  }
}

async function unmountBelow(dir: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  // The deepest first; a mount of the kubelet may hide another at the same place.
  for (const mount of mounts
    .filter((each) => each.startsWith(`${dir}/`))
    .sort()
    .reverse()) {
    await run("umount", ["-l", mount]);
  }
}

async function removeCgroups(): Promise<void> {
  const root = "/sys/fs/cgroup";
  for (const controller of [".", ...(await readdir(root).catch(() => []))]) {
    await removeCgroup(join(root, controller, "kubepods"));
  }
}

async function removeCgroup(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(dir, entry.name));
  await rmdir(dir).catch(() => {});
}

/** What kubelet and the network plugins write at fixed places. */
async function removeTraces(): Promise<void> {
  const links = "/var/log/containers";
  for (const name of await readdir(links).catch(() => [])) {
    const link = join(links, name);
    const target = (await lstat(link)).isSymbolicLink() ? await readlink(link) : "";
    if (target.startsWith(stateDir)) await rm(link);
  }
  const results = "/var/lib/cni/results";
  for (const name of await readdir(results).catch(() => [])) {
    if (name.startsWith("vault-hooks-")) await rm(join(results, name));
  }
  for (const dir of [links, results, "/var/lib/cni", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet"]) {
    await rmdir(dir).catch(() => {}); // only if nobody else's is in it
  }
  const making = (await readdir(join(cacheDir, "images")).catch(() => [])).filter((each) => each.startsWith("making-"));
  for (const name of making) await rm(join(cacheDir, "images", name), { recursive: true });
}
