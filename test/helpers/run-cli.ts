import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../../esbuild.config.ts";
import { projectDir } from "../cluster/paths.ts";
import { type PodView, preparePodView } from "./pod-view.ts";
import { killedWithParent } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CliOptions = {
  /** The program's environment, besides PATH and HOME. It inherits nothing from the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as if in a pod. */
  readonly podView?: PodView;
  /** Working directory; the checkout by default. */
  readonly cwd?: string;
};

export type RunningCli = {
  readonly outcome: Promise<Outcome>;
  /** The output so far. */
  stdout(): string;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  /** Closes the reading end of both outputs, as `| head -1` does. */
  stopReading(): void;
};

let bundled: Promise<string> | undefined;

/** Bundles the program once in each process, as it is in the image: from source, each run takes a second and a half of CPU longer. */
export function bundledCli(): Promise<string> {
  bundled ??= (async () => {
    const dir = await tempDir("program");
    await bundle(join(projectDir, "src/cli.ts"), dir);
    return join(dir, "vault-hooks.cjs");
  })();
  return bundled;
}

/** Runs the real program to its end. @returns its exit code and outputs, also when it fails */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  return await (await startCli(args, options)).outcome;
}

/** Starts the real program. The test must await its outcome. */
export async function startCli(args: readonly string[], options: CliOptions = {}): Promise<RunningCli> {
  const program = [process.execPath, await bundledCli(), ...args];
  const dir = await tempDir("cli");
  const prefix = options.podView === undefined ? [] : await preparePodView(dir, options.podView);
  const [setpriv, ...flags] = killedWithParent;
  const child = spawn(setpriv, [...flags, ...prefix, ...program], {
    cwd: options.cwd ?? projectDir,
    // Hides the kubeconfig in the user's home from the program.
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => err.push(text));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    // A process that a signal ended has no code; shells report 128 and above.
    child.on("close", (code) => resolve({ code: code ?? 128, stdout: out.join(""), stderr: err.join("") }));
  });
  return {
    outcome: outcome.finally(() => rm(dir, { recursive: true })),
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    signal: (signal) => void child.kill(signal),
    stopReading() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
