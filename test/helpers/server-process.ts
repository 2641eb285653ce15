import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { deadlineIn, until } from "../../src/util/deadline.ts";

export type Launch = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Standard output and error go here, appended. */
  readonly logFile: string;
};

export type ServerProcess = {
  running(): boolean;
  /** Ends it and returns once it is gone, since its port is needed again; after 20 s it is killed. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** @throws Error with the end of its log when it is not ready after 60 s, or ended */
  ready(probe: () => Promise<boolean>): Promise<void>;
};

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/**
 * The words before a command that must not outlive this process: the kernel kills it when its parent dies, however
 * that dies (prctl(2), PR_SET_PDEATHSIG).
 */
export const dyingWithParent = ["setpriv", "--pdeathsig", "KILL", "--"] as const;

/** Starts a server that cannot outlive this process. */
export function launch({ name, command, args, env, logFile }: Launch): ServerProcess {
  const log = openSync(logFile, "a");
  const [first, ...words] = dyingWithParent;
  const child = spawn(first, [...words, command, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", log, log],
  });
  alive.add(child);
  const gone = once(child, "exit").finally(() => alive.delete(child));
  const running = () => child.exitCode === null && child.signalCode === null;
  const tail = () => readFileSync(logFile, "utf8").split("\n").slice(-15).join("\n");
  return {
    running,
    async end(signal = "SIGTERM") {
      if (!running()) return;
      child.kill(signal);
      const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await gone;
      clearTimeout(patience);
    },
    async ready(probe) {
      const look = async () => {
        if (!running()) throw new Error(`${name} ended:\n${tail()}`);
        return (await probe().catch(() => false)) ? true : undefined;
      };
      await until(name, deadlineIn(60_000), look, tail);
    },
  };
}
