import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { killedWithParent } from "../helpers/server-process.ts";

export type Program = { readonly command: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** `ms` is the time from start to exit, `peakMb` the peak of the resident memory. */
export type Ran = { readonly ms: number; readonly peakMb: number; readonly stdout: string };

/**
 * Runs a program until it exits. Its output goes to files, so that this process does not compete with it.
 *
 * @throws Error with the end of its standard error if it fails
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

/** Returns VmHWM, the peak of the process's resident memory, in MB, or 0 after it has exited. */
export async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
