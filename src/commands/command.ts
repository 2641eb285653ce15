import type { ExitCode } from "../errors.ts";
import type { HookName } from "../health/vault-health.ts";
import type { Run } from "../run.ts";
import type { FlagName } from "../settings.ts";

/** One command of the command line. */
export type Command = {
  readonly name: string;
  readonly describe: string;
  /** The flags that it uses; its command line may have no other. */
  readonly flags: readonly FlagName[];
  /** Descriptions of flags that this command uses differently from others. */
  readonly describeFlags?: Readonly<Partial<Record<FlagName, string>>>;
  /** Whether the folder of the desired state may be given as an argument too. */
  readonly takesFolder?: true;
  /** Its name in the status of VaultHealth, where the last run in the cluster writes how it ended. */
  readonly hook?: HookName;
  readonly run: (run: Run) => Promise<ExitCode>;
};

/** Flags of every command that talks to Kubernetes. */
export const clusterFlags = [
  "namespace",
  "statefulset",
  "custody-namespace",
  "watch-namespace",
  "kubeconfig",
  "context",
  "address",
  "ca-file",
  "timeout",
  "output",
  "log-level",
] as const satisfies readonly FlagName[];
