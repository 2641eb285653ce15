import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { address } from "./addresses.ts";
import { stateDir } from "./paths.ts";
import { attempt, run } from "./run.ts";

/** The kubelet, kube-proxy, Docker and this project set these; {@link restoreKernelSettings} puts them back. */
const sysctls = [
  "net.ipv4.ip_forward",
  "net.ipv4.conf.all.route_localnet",
  "vm.overcommit_memory",
  "kernel.panic",
  "kernel.panic_on_oops",
];
const settingsFile = join(stateDir, "kernel-settings.json");
/** Docker sets the policy of this chain to DROP. */
const forwardPolicy = "iptables FORWARD";
const mark = ["-m", "comment", "--comment", "vault-hooks"];

/** Rules for pods' traffic: masqueraded to the outside, and forwarded also where the policy is DROP (Docker sets that). */
const rules: ReadonlyArray<{ table: string; chain: string; rule: readonly string[] }> = [
  {
    table: "nat",
    chain: "POSTROUTING",
    rule: ["-s", address.podRange, "!", "-d", address.podRange, ...mark, "-j", "MASQUERADE"],
  },
  { table: "filter", chain: "FORWARD", rule: ["-s", address.podRange, ...mark, "-j", "ACCEPT"] },
  { table: "filter", chain: "FORWARD", rule: ["-d", address.podRange, ...mark, "-j", "ACCEPT"] },
];

/** Creates the bridge with the node's address and the rules, and enables forwarding. Skips what exists already. */
export async function ensureNetwork(): Promise<void> {
  await saveKernelSettings();
  if ((await attempt("ip", ["link", "show", address.bridge])).code !== 0) {
    await run("ip", ["link", "add", address.bridge, "type", "bridge"]);
  }
  await run("ip", ["address", "replace", `${address.node}/32`, "dev", address.bridge]);
  await run("ip", ["link", "set", address.bridge, "up"]);
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  for (const { table, chain, rule } of rules) {
    const check = await attempt("iptables", ["-w", "-t", table, "-C", chain, ...rule]);
    if (check.code !== 0) await run("iptables", ["-w", "-t", table, "-I", chain, ...rule]);
  }
}

/** @throws Error when another Kubernetes has rules on this machine, since the two would overwrite each other's */
export async function refuseForeignCluster(): Promise<void> {
  if ((await attempt("iptables", ["-w", "-t", "nat", "-n", "-L", "KUBE-SERVICES"])).code !== 0) return;
  throw new Error(
    "another Kubernetes runs on this machine (iptables has a chain KUBE-SERVICES): use CLUSTER=current with its kubeconfig",
  );
}

/** Removes everything that {@link ensureNetwork}, kubelet and kube-proxy created, and restores the kernel's settings. */
export async function removeNetwork(): Promise<void> {
  for (const { table, chain, rule } of rules) await attempt("iptables", ["-w", "-t", table, "-D", chain, ...rule]);
  await removeChains(/^KUBE-/);
  await attempt("ip", ["link", "delete", address.bridge]);
  await restoreKernelSettings();
}

/**
 * Removes firewall chains and the jumps to them.
 *
 * @param chains matches their names
 * @param rules matches further rules, as iptables-save prints them
 */
export async function removeChains(chains: RegExp, rules?: RegExp): Promise<void> {
  for (const command of ["iptables", "ip6tables"]) {
    const saved = await attempt(`${command}-save`, []).catch(() => undefined);
    if (saved?.code !== 0) continue;
    const script = removalScript(saved.stdout, chains, rules);
    if (script) await run(`${command}-restore`, ["-w", "--noflush"], { input: script });
  }
}

/**
 * Returns a script for `iptables-restore --noflush` that removes chains and the jumps to them, and nothing else. Pure.
 *
 * @param saved the output of iptables-save
 * @param rules matches further rules to remove
 * @returns "" when there is nothing to remove
 */
export function removalScript(saved: string, chains: RegExp, rules?: RegExp): string {
  return saved
    .split(/^(?=\*)/m)
    .flatMap((block) => removalsIn(block.split("\n"), chains, rules))
    .map((line) => `${line}\n`)
    .join("");
}

function removalsIn(lines: readonly string[], chains: RegExp, rules?: RegExp): string[] {
  const table = lines.find((line) => line.startsWith("*"));
  const unwanted = lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []).filter((name) => chains.test(name));
  const isUnwanted = (line: string) => {
    const [, chain = "", target = ""] = /^-A (\S+)(?:.* -j (\S+))?/.exec(line) ?? [];
    return chain !== "" && !chains.test(chain) && (chains.test(target) || rules?.test(line) === true);
  };
  const jumps = lines.filter(isUnwanted).map((line) => line.replace(/^-A/, "-D"));
  if (table === undefined || (unwanted.length === 0 && jumps.length === 0)) return [];
  return [table, ...jumps, ...unwanted.map((name) => `-F ${name}`), ...unwanted.map((name) => `-X ${name}`), "COMMIT"];
}

/** Saves the kernel's settings as they are before the first `make up` after a `make down`. */
export async function saveKernelSettings(): Promise<void> {
  const values: Record<string, string> = {};
  for (const name of sysctls) {
    const { code, stdout } = await attempt("sysctl", ["-n", name]);
    if (code === 0) values[name] = stdout.trim();
  }
  const rules = await attempt("iptables", ["-w", "-S", "FORWARD"]).catch(() => undefined);
  const policy = /^-P FORWARD (\S+)/m.exec(rules?.stdout ?? "")?.[1];
  if (policy !== undefined) values[forwardPolicy] = policy;
  await mkdir(stateDir, { recursive: true });
  // Keeps an existing file: a later `make up` would only see the values that the first one has set.
  await writeFile(settingsFile, JSON.stringify(values), { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Restores the settings that {@link saveKernelSettings} saved. */
export async function restoreKernelSettings(): Promise<void> {
  const { [forwardPolicy]: policy, ...values } = JSON.parse(await readFile(settingsFile, "utf8").catch(() => "{}"));
  for (const [name, value] of Object.entries(values)) await attempt("sysctl", ["-qw", `${name}=${value}`]);
  if (policy !== undefined) await attempt("iptables", ["-w", "-P", "FORWARD", policy]);
  await rm(settingsFile, { force: true });
}
