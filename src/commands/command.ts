import type { ExitCode } from "../errors.ts";
import type { Run } from "../run.ts";
import type { FlagName } from "../settings.ts";

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
