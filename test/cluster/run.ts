import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

export type RunOptions = {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Written to the command's standard input. */
  input?: string | Uint8Array;
  /** Ends the command, in milliseconds; ten minutes if not given. */
  timeoutMs?: number;
  /** Called with each line of the standard error while the command runs. */
  onLine?: (line: string) => void;
};

export type Finished = { code: number; stdout: string; stderr: string };

/**
 * Runs a command to its end.
 *
 * @returns its standard output
 * @throws Error with the end of its output when it does not exit with 0
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(command, args, options);
  if (code === 0) return stdout;
  const output = (stderr.trim() || stdout.trim()).slice(-3000);
  throw new Error(`${[command, ...args].join(" ").slice(0, 300)} ended with ${code}:\n${output}`);
}

/**
 * As {@link run}, but returns the exit code instead of throwing.
 *
 * @throws Error when the program does not exist or cannot be started
 */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    // not spawn's own timeout: its timer keeps Node alive after a program that could not be started
    const timer = setTimeout(() => child.kill(), options.timeoutMs ?? 600_000);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr, options.onLine);
    child.stdin.on("error", () => {}); // the command may not read its input
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      done({ code: code ?? 128, stdout: stdout(), stderr: stderr() });
    });
  });
}

/** Whether a program is on the PATH and starts. @param args a harmless call, such as `--version` */
export async function isInstalled(command: string, args: readonly string[]): Promise<boolean> {
  return await attempt(command, args).then(
    () => true,
    () => false,
  );
}

function collect(stream: Readable, onLine?: (line: string) => void): () => string {
  const chunks: Buffer[] = [];
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (!onLine) return;
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return () => Buffer.concat(chunks).toString();
}
