import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

export type RunOptions = {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  input?: string;
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
  const said = (stderr.trim() || stdout.trim()).slice(-3000);
  throw new Error(`${[command, ...args].join(" ").slice(0, 300)} ended with ${code}:\n${said}`);
}

/** As {@link run}, but a failure is an answer: for commands whose exit code is a question's answer. */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 600_000,
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr, options.onLine);
    child.stdin.on("error", () => {}); // a command that does not read its input
    child.stdin.end(options.input ?? "");
    child.on("error", fail);
    child.on("close", (code) => done({ code: code ?? 128, stdout: stdout(), stderr: stderr() }));
  });
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
