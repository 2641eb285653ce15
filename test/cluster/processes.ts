import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { openSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { logsDir, stateDir } from "./paths.ts";

const pidsDir = join(stateDir, "pid");

/** A process that was started here: its start time tells it from a stranger that got the same number later. */
type Started = { pid: number; startTime: string; command: string };

export type Program = { name: string; command: string; args: readonly string[]; env?: Record<string, string> };

/**
 * Starts a process that outlives this one, unless it already runs with the same command line. Its output goes to the logs.
 *
 * @throws Error when it ends within its first moment
 */
export async function ensureProcess({ name, command, args, env }: Program): Promise<void> {
  const digest = createHash("sha256")
    .update(JSON.stringify([command, args, env]))
    .digest("hex");
  const before = await readStarted(name);
  if (before && (await isRunning(before))) {
    if (before.command === digest) return;
    await stopProcess(name);
  }
  await mkdir(logsDir, { recursive: true });
  await mkdir(pidsDir, { recursive: true });
  const log = openSync(join(logsDir, `${name}.log`), "a");
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
    cwd: stateDir,
  });
  const pid = await new Promise<number>((done, fail) => {
    child.on("error", fail);
    child.on("spawn", () => done(child.pid ?? 0));
  });
  child.unref();
  const startTime = await startTimeOf(pid);
  if (!startTime) throw new Error(`${name} ended at once: see ${join(logsDir, `${name}.log`)}`);
  await writeFile(pidFile(name), JSON.stringify({ pid, startTime, command: digest } satisfies Started));
}

/** Ends a process by SIGTERM, after ten seconds by SIGKILL; returns once it is gone, since its port is needed again. */
export async function stopProcess(name: string): Promise<void> {
  const started = await readStarted(name);
  if (started && (await isRunning(started))) {
    signal(started, "SIGTERM");
    const gone = async () => ((await isRunning(started)) ? undefined : true);
    await until(`the end of ${name}`, deadlineIn(10_000), gone).catch(async () => {
      signal(started, "SIGKILL");
      await until(`the end of ${name}`, deadlineIn(10_000), gone);
    });
  }
  await rm(pidFile(name), { force: true });
}

/** It may end between the look and the signal: what matters is that it is gone. */
function signal({ pid }: Started, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** @returns whether a process of that name, started here, runs */
export async function processRuns(name: string): Promise<boolean> {
  const started = await readStarted(name);
  return started !== undefined && (await isRunning(started));
}

/** Names of all processes that were started here and not stopped since. */
export async function startedProcesses(): Promise<string[]> {
  const files = await readdir(pidsDir).catch(() => []);
  return files.map((file) => file.replace(/\.json$/, ""));
}

function pidFile(name: string): string {
  return join(pidsDir, `${name}.json`);
}

async function readStarted(name: string): Promise<Started | undefined> {
  const text = await readFile(pidFile(name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

async function isRunning({ pid, startTime }: Started): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** The 22nd field of /proc/PID/stat (proc_pid_stat(5)); undefined for a process that is gone or a zombie. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is the command's name in parentheses, and may itself hold blanks and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}
