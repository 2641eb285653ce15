import type { ExitCode } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { FlagName, Settings } from "./settings.ts";
import type { Deadline } from "./util/deadline.ts";

/** What every command is given. */
export type Run = {
  readonly settings: Settings;
  readonly log: Logger;
  /** Ends every wait: --timeout, or SIGTERM. */
  readonly deadline: Deadline;
  /** Writes what the command answers to standard output, redacted. */
  readonly print: (text: string) => void;
};

/** One verb of the command line. */
export type Command = {
  readonly name: string;
  readonly describe: string;
  /** The settings that make a difference to it; others are refused on its command line. */
  readonly flags: readonly FlagName[];
  readonly run: (run: Run) => Promise<ExitCode>;
};

/** Flags of every command that talks to Kubernetes. */
export const clusterFlags = [
  "namespace",
  "statefulset",
  "custody-namespace",
  "kubeconfig",
  "context",
  "address",
  "ca-file",
  "timeout",
  "output",
  "log-level",
] as const satisfies readonly FlagName[];
