import { readdir, readFile } from "node:fs/promises";
import { cacheDir } from "../cluster/paths.ts";
import { attempt } from "../cluster/run.ts";

/** Things that a cluster could leave behind on this machine, by kind. */
export type Traces = Readonly<Record<string, readonly string[]>>;

/** Lists the processes, mounts, links, firewall rules, kernel settings, cgroups and network namespaces that clusters make. */
export async function readTraces(): Promise<Traces> {
  const lines = async (command: string, ...args: string[]) => {
    const { stdout } = await attempt(command, args).catch(() => ({ stdout: "" }));
    return stdout.split("\n").filter(Boolean);
  };
  const names =
    /(dockerd|containerd|kubelet|kube-|etcd|coredns|provisioner\.ts|static-server\.ts|git-daemon|git daemon)/;
  const sysctls = ["net.ipv4.ip_forward", "vm.overcommit_memory", "kernel.panic", "kernel.panic_on_oops"];
  return {
    // an ended process that the init process has not collected yet is not running
    processes: (await lines("ps", "-eo", "args"))
      .filter((line) => names.test(line) && !line.endsWith("<defunct>"))
      .map((line) => line.slice(0, 120)),
    mounts: (await readFile("/proc/mounts", "utf8")).split("\n").flatMap((line) => {
      const target = line.split(" ")[1] ?? "";
      return target.startsWith(cacheDir) || target.startsWith("/run/netns/") ? [target] : [];
    }),
    links: (await lines("ip", "-o", "link")).map((line) => line.split(": ")[1] ?? ""),
    // Leaves out comments with the time, and the counters of rules, which change by themselves.
    rules: (await lines("iptables-save"))
      .filter((line) => line.startsWith("-A") || line.startsWith(":"))
      .map((line) => line.replace(/\[.*\]/, "")),
    kernelSettings: await lines("sysctl", ...sysctls),
    cgroups: await cgroups(),
  };
}

async function cgroups(): Promise<string[]> {
  const root = "/sys/fs/cgroup";
  const found: string[] = [];
  for (const controller of [".", ...(await readdir(root).catch(() => []))]) {
    const entries = await readdir(`${root}/${controller}`).catch(() => []);
    found.push(
      ...entries.filter((name) => /^(kubepods|docker|kubelet)/.test(name)).map((name) => `${controller}/${name}`),
    );
  }
  return found;
}

/** Returns the traces in `after` that are not in `before`, as `kind: trace`. Pure. */
export function leftBehind(before: Traces, after: Traces): string[] {
  return Object.entries(after).flatMap(([kind, now]) =>
    now.filter((each) => before[kind]?.includes(each) !== true).map((each) => `${kind}: ${each}`),
  );
}
