import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { address } from "./addresses.ts";
import { stateDir } from "./paths.ts";
import { attempt, run } from "./run.ts";

/** What the kubelet, kube-proxy and we ourselves set; put back by {@link removeNetwork}. */
const sysctls = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.route_localnet",
  "vm.overcommit_memory",
  "kernel.panic",
  "kernel.panic_on_oops",
];
const sysctlFile = join(stateDir, "sysctl.json");
const mark = ["-m", "comment", "--comment", "vault-hooks"];

/** Rules of ours: pods reach the outside, and are forwarded also where a firewall's policy is to drop (Docker sets that). */
const rules: ReadonlyArray<{ table: string; chain: string; rule: readonly string[] }> = [
  {
    table: "nat",
    chain: "POSTROUTING",
    rule: ["-s", address.podRange, "!", "-d", address.podRange, ...mark, "-j", "MASQUERADE"],
  },
  { table: "filter", chain: "FORWARD", rule: ["-s", address.podRange, ...mark, "-j", "ACCEPT"] },
  { table: "filter", chain: "FORWARD", rule: ["-d", address.podRange, ...mark, "-j", "ACCEPT"] },
];

/** Makes the node's address, forwarding and the rules; all of it may already be there. */
export async function ensureNetwork(): Promise<void> {
  await saveSysctls();
  if ((await attempt("ip", ["link", "show", address.bridge])).code !== 0) {
    await run("ip", ["link", "add", address.bridge, "type", "bridge"]);
  }
  await run("ip", ["address", "replace", `${address.node}/32`, "dev", address.bridge]);
  await run("ip", ["link", "set", address.bridge, "up"]);
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  for (const { table, chain, rule } of rules) {
    const there = await attempt("iptables", ["-w", "-t", table, "-C", chain, ...rule]);
    if (there.code !== 0) await run("iptables", ["-w", "-t", table, "-I", chain, ...rule]);
  }
}

/** @throws Error when another Kubernetes has its rules on this machine: the two would overwrite each other's */
export async function refuseForeignCluster(): Promise<void> {
  if ((await attempt("iptables", ["-w", "-t", "nat", "-n", "-L", "KUBE-SERVICES"])).code !== 0) return;
  throw new Error(
    "Another Kubernetes runs on this machine (iptables has a chain KUBE-SERVICES). Use CLUSTER=current with its kubeconfig.",
  );
}

/** Removes everything that {@link ensureNetwork}, kubelet and kube-proxy made, and puts the kernel's settings back. */
export async function removeNetwork(): Promise<void> {
  for (const { table, chain, rule } of rules) await attempt("iptables", ["-w", "-t", table, "-D", chain, ...rule]);
  for (const command of ["iptables", "ip6tables"]) {
    const { code, stdout } = await attempt(`${command}-save`, []);
    if (code !== 0) continue;
    const script = withoutKubeChains(stdout);
    if (script) await run(`${command}-restore`, ["-w", "--noflush"], { input: script });
  }
  await attempt("ip", ["link", "delete", address.bridge]);
  const before = await readFile(sysctlFile, "utf8").catch(() => "{}");
  for (const [name, value] of Object.entries(JSON.parse(before))) await attempt("sysctl", ["-qw", `${name}=${value}`]);
}

/**
 * The script for `iptables-restore --noflush` that removes the chains of kubelet and kube-proxy and the jumps to them, and
 * touches nothing else.
 *
 * @param saved what iptables-save printed
 * @returns "" when there is nothing to remove
 */
export function withoutKubeChains(saved: string): string {
  const script: string[] = [];
  for (const block of saved.split(/^(?=\*)/m)) {
    const lines = block.split("\n");
    const table = lines.find((line) => line.startsWith("*"));
    const chains = lines.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? []);
    if (!table || chains.length === 0) continue;
    const jumps = lines
      .filter((line) => /^-A (?!KUBE-).* -j KUBE-/.test(line))
      .map((line) => line.replace(/^-A/, "-D"));
    script.push(
      table,
      ...jumps,
      ...chains.map((each) => `-F ${each}`),
      ...chains.map((each) => `-X ${each}`),
      "COMMIT",
    );
  }
  return script.length === 0 ? "" : `${script.join("\n")}\n`;
}

async function saveSysctls(): Promise<void> {
  const values: Record<string, string> = {};
  for (const name of sysctls) values[name] = (await run("sysctl", ["-n", name])).trim();
  await mkdir(stateDir, { recursive: true });
  // The first up since the last down knows the machine's own values; a later one must not overwrite them.
  await writeFile(sysctlFile, JSON.stringify(values), { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
