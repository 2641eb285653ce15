import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { killedWithParent } from "../helpers/server-process.ts";

export type Program = { readonly command: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** `ms` from its start to its end; `peakMb` the most memory that it had resident; what it printed. */
export type Ran = { readonly ms: number; readonly peakMb: number; readonly stdout: string };

/**
 * Runs a program to its end. Its output goes to files, so that this process does not read while it is measured.
 * @throws Error with the end of what it wrote to standard error, if it failed
 */
export async function runProgram({ command, args, env }: Program, outputs: string): Promise<Ran> {
  const [out, err] = [`${outputs}.out`, `${outputs}.err`];
  const started = performance.now();
  const [first, ...words] = killedWithParent;
  const stdio: ["ignore", number, number] = ["ignore", openSync(out, "w"), openSync(err, "w")];
  const child = spawn(first, [...words, command, ...args], { env, stdio });
  let peakMb = 0;
  const timer = setInterval(async () => {
    peakMb = Math.max(peakMb, await peakOf(child.pid));
  }, 10);
  const [code] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - started;
  clearInterval(timer);
  if (code === 0) return { ms, peakMb, stdout: readFileSync(out, "utf8") };
  throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${readFileSync(err, "utf8").slice(-2000)}`);
}

/** @returns VmHWM, the most memory that the process had resident, in MB; 0 once it is gone */
export async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
