import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeCgroups, unmountBelow } from "../cleanup.ts";
import { ensurePackages } from "../host.ts";
import { removeChains, restoreKernelSettings, saveKernelSettings } from "../network.ts";
import { cacheDir, stateDir } from "../paths.ts";
import { ensureProcess, processRuns, startedProcesses, stopProcess, untilAnswers } from "../processes.ts";
import { step } from "../progress.ts";
import { attempt, type Finished, run } from "../run.ts";

/** Outlives the cluster, since it holds the node image. */
const dataRoot = join(cacheDir, "docker");
const daemon = "dockerd";
/** What a running daemon needs of the cluster's folder. */
export const dockerState = ["pid", "docker", "dockerd.pid", "kernel-settings.json", "runc-available-capabilities"];
/** The container in which the node image is made. */
export const makingNode = "making-vault-hooks-kind-node";

/**
 * Starts Docker's daemon if none runs and this is root on Debian; installs it if it is missing.
 *
 * @throws Error at once, with what to do, where Docker cannot be reached and not be started here
 */
export async function ensureDocker(): Promise<void> {
  const advice = dockerAdvice(await probeDocker(), process.getuid?.() === 0);
  if (advice === undefined) return;
  if (advice !== "start") throw new Error(advice);
  if (!existsSync("/usr/sbin/dockerd")) await ensurePackages(["docker.io"]);
  await step("Docker", startDaemon);
}

async function probeDocker(): Promise<Finished | undefined> {
  const args = ["version", "--format", "{{.Server.Version}}"];
  return await attempt("docker", args, { timeoutMs: 15_000 }).catch(() => undefined);
}

/**
 * Decides what to do about the answer of `docker version`. Pure.
 *
 * @param probe undefined where there is no program of that name
 * @returns undefined where Docker works, "start" where the daemon may be started here, else the advice for a person
 */
export function dockerAdvice(probe: Finished | undefined, isRoot: boolean): string | undefined {
  if (probe?.code === 0) return undefined;
  const output = probe === undefined ? "there is no program docker" : probe.stderr.trim();
  if (/permission denied/i.test(output)) {
    return `CLUSTER=kind: Docker refuses this user: ${output}\nJoin the group docker (and log in again), or run this as root.`;
  }
  if (isRoot) return "start";
  return `CLUSTER=kind needs Docker: ${output}\nInstall and start Docker (https://docs.docker.com/engine/install/), then run this again.`;
}

async function startDaemon(report: (at: string) => void): Promise<void> {
  await saveKernelSettings();
  await mkdir(dataRoot, { recursive: true });
  const args = [
    "--data-root",
    dataRoot,
    "--exec-root",
    join(stateDir, "docker"),
    "--pidfile",
    join(stateDir, "dockerd.pid"),
  ];
  await ensureProcess({ name: daemon, command: daemon, args: [...args, ...(await runtimeArgs())] });
  report("waiting for its answer");
  await untilAnswers(daemon, 60_000, async () => (await probeDocker())?.code === 0);
  report("runs");
}

/** Docker's rules outside of its own chains name its bridge. */
export const dockerRules = / -[io] docker0 /;

const sysResource = 24n;

/**
 * `docker run --privileged` asks for every capability, and runc fails where this machine's own bounding set lacks one
 * ("unable to apply caps"). There runc is called by a script that takes CAP_SYS_RESOURCE out of the container's spec.
 */
async function runtimeArgs(): Promise<string[]> {
  const status = await readFile("/proc/self/status", "utf8");
  if (hasCapability(status, sysResource)) return [];
  const script = join(stateDir, "runc-available-capabilities");
  await writeFile(script, runcScript);
  await chmod(script, 0o755);
  return ["--add-runtime", `available-capabilities=${script}`, "--default-runtime", "available-capabilities"];
}

/** @param status the text of /proc/PID/status @param bit the capability's number (capabilities(7)) */
export function hasCapability(status: string, bit: bigint): boolean {
  const set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${set}`) >> bit) & 1n) === 1n;
}

const runcScript = `#!/bin/bash
previous=
for each in "$@"; do
  case "$previous" in
    --bundle|-b) file="$each/config.json" ;;
    --process|-p) file="$each" ;;
  esac
  previous="$each"
done
[ -n "$file" ] && [ -f "$file" ] && sed -i -e 's/"CAP_SYS_RESOURCE",//g' -e 's/,"CAP_SYS_RESOURCE"//g' "$file"
exec /usr/sbin/runc "$@"
`;

/**
 * Stops the daemon that was started here, and removes its links, rules and cgroups. A daemon that somebody else started is left
 * alone, and so is one with containers that `make up` did not make.
 *
 * @returns whether no daemon of ours runs any more
 */
export async function removeDocker(): Promise<boolean> {
  if (!(await startedProcesses()).includes(daemon)) return true;
  if (await processRuns(daemon)) {
    await removeOwnContainers();
    const others = await run("docker", ["ps", "--all", "--format", "{{.Names}}"]);
    if (others.trim() !== "") {
      console.log(
        `Docker goes on, because it has containers that \`make up\` did not make: ${others.trim().replaceAll("\n", ", ")}`,
      );
      return false;
    }
  }
  await step("stopping Docker", stopDaemon);
  return true;
}

/** A run that was killed may have left the container in which it made the node image. */
async function removeOwnContainers(): Promise<void> {
  const own = await run("docker", ["ps", "--all", "--quiet", "--filter", `name=^${makingNode}`]);
  const ids = own.split("\n").filter(Boolean);
  if (ids.length > 0) await run("docker", ["rm", "--force", "--volumes", ...ids]);
}

async function stopDaemon(): Promise<void> {
  await attempt("docker", ["network", "rm", "kind"], { timeoutMs: 30_000 });
  await stopProcess(daemon);
  await unmountBelow(dataRoot);
  await unmountBelow(stateDir);
  await attempt("ip", ["link", "delete", "docker0"]);
  await removeChains(/^DOCKER/, dockerRules);
  await removeCgroups("docker");
  await restoreKernelSettings();
}
