import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../cluster/paths.ts";
import { enterPodView, type PodView } from "./pod-view.ts";
import { dyingWithParent } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CliOptions = {
  /** The whole environment besides PATH and HOME: nothing of the test's own reaches the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run it as if in a pod. */
  readonly podView?: PodView;
  /** Working directory; the project's if not given. */
  readonly cwd?: string;
};

export type RunningCli = {
  readonly outcome: Promise<Outcome>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  /** Goes away as the reader of its outputs, as `| head -1` does. */
  stopReading(): void;
};

/** Runs the real program from source to its end; a failure is an answer too. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  return await (await startCli(args, options)).outcome;
}

/** Starts the real program from source. A test that does not end it must await its outcome. */
export async function startCli(args: readonly string[], options: CliOptions = {}): Promise<RunningCli> {
  const program = [process.execPath, "--import", import.meta.resolve("tsx"), join(projectDir, "src/cli.ts"), ...args];
  const dir = await tempDir("cli");
  const before = options.podView === undefined ? [] : await enterPodView(dir, options.podView);
  const [first, ...words] = dyingWithParent;
  const child = spawn(first, [...words, ...before, ...program], {
    cwd: options.cwd ?? projectDir,
    // HOME: the kubeconfig of whoever runs the tests must not reach into them
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => err.push(text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    // a process that a signal ended has no code: 128 and above, as shells say it
    child.on("close", (code) => resolve({ code: code ?? 128, stdout: out.join(""), stderr: err.join("") }));
  });
  return {
    outcome: ended.finally(() => rm(dir, { recursive: true })),
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    signal: (signal) => void child.kill(signal),
    stopReading() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
