import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { deadlineIn, until } from "../../src/util/deadline.ts";

export type Launch = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
};

export type ServerProcess = {
  running(): boolean;
  /** Signals the process and waits until it has exited and its port is free. Kills it after 20 s. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** @throws Error with the end of the log when the process exits, or is not ready within 60 s */
  ready(probe: () => Promise<boolean>): Promise<void>;
};

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Prefix for a command that the kernel kills when its parent dies in any way (prctl(2), PR_SET_PDEATHSIG). */
export const killedWithParent = ["setpriv", "--pdeathsig", "KILL", "--"] as const;

/** Starts a server that cannot outlive this process. */
export function launch({ name, command, args, env, logFile }: Launch): ServerProcess {
  const log = openSync(logFile, "a");
  const [setpriv, ...flags] = killedWithParent;
  const child = spawn(setpriv, [...flags, command, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", log, log],
  });
  children.add(child);
  const exited = once(child, "exit").finally(() => children.delete(child));
  const running = () => child.exitCode === null && child.signalCode === null;
  const tail = () => readFileSync(logFile, "utf8").split("\n").slice(-15).join("\n");
  return {
    running,
    async end(signal = "SIGTERM") {
      if (!running()) return;
      child.kill(signal);
      const killTimer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await exited;
      clearTimeout(killTimer);
    },
    async ready(probe) {
      const check = async () => {
        if (!running()) throw new Error(`${name} exited before it was ready:\n${tail()}`);
        return (await probe().catch(() => false)) ? true : undefined;
      };
      await until(name, deadlineIn(60_000), check, tail);
    },
  };
}
