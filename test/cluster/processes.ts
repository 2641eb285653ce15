import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { openSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import { logsDir, stateDir } from "./paths.ts";

const pidsDir = join(stateDir, "pid");

/** The record of a started process. The start time distinguishes it from a later process with the same id. */
type Started = { pid: number; startTime: string; command: string };

export type Program = { name: string; command: string; args: readonly string[]; env?: Record<string, string> };

/**
 * Starts a process that outlives this one, unless it already runs with the same command, arguments and environment. Appends
 * its output to a log file.
 *
 * @throws Error when the process exits at once
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
  if (!startTime) throw new Error(`${name} exited at once: see ${join(logsDir, `${name}.log`)}`);
  await writeFile(pidFile(name), JSON.stringify({ pid, startTime, command: digest } satisfies Started));
}

/** Ends a process with SIGTERM, after ten seconds with SIGKILL, and waits until it has exited and its port is free. */
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

/**
 * Waits until a process that was started here answers.
 * @throws Error at once if the process ends, with the end of its log; NotReadyError at the end of the time
 */
export async function untilAnswers(name: string, timeoutMs: number, probe: () => Promise<boolean>): Promise<void> {
  const log = join(logsDir, `${name}.log`);
  const attempt = async () => {
    if (await probe()) return true;
    if (await processRuns(name)) return undefined;
    const text = await readFile(log, "utf8").catch(() => "");
    throw new Error(`${name} ended; the end of its log ${log}:\n${text.trim().split("\n").slice(-15).join("\n")}`);
  };
  await until(`${name} to answer`, deadlineIn(timeoutMs), attempt, () => `its log is ${log}`);
}

/** Ignores ESRCH: the process may exit between the check and the signal. */
function signal({ pid }: Started, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** @returns whether the process that was started under this name is running */
export async function processRuns(name: string): Promise<boolean> {
  const started = await readStarted(name);
  return started !== undefined && (await isRunning(started));
}

/** Returns the names of all processes that were started and not stopped since. */
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

/** Returns the 22nd field of /proc/PID/stat (proc_pid_stat(5)), or undefined for a zombie or a process that has exited. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is the command's name in parentheses, which may itself contain blanks and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}
