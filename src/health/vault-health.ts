import type { CustomObject, ObjectRef } from "../kube/kube.ts";

/** The commands whose last run in the cluster is shown, in the order in which they run. */
export const hookNames = ["init", "unseal", "join", "configure", "plan"] as const;
export type HookName = (typeof hookNames)[number];

/** How the last run of a command in the cluster ended. That run writes it itself. Times are ISO 8601, in whole seconds, in UTC. */
export type HookOutcome = {
  readonly exitCode: number;
  readonly finishedAt: string;
  /** Until when another attempt may report; only after an exit code that the Job retries. */
  readonly retryUntil?: string;
  /** Why it failed, or what it found. Never a secret value. */
  readonly message?: string;
  readonly remedy?: string;
};

/** Something that is wrong, and that the program does not repair by itself. */
export type Problem = {
  /** UpperCamelCase, for programs; docs/runbook.md explains each. */
  readonly reason: string;
  /** "pod/vault-1", "hook/init", "secret/vault-unseal-keys". */
  readonly object: string;
  readonly since: string;
  readonly message: string;
  readonly remedy: string;
};

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/ and the type Condition of metav1 */
export type Condition = {
  readonly type: "Healthy";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
};

/** The watcher's part of the status: everything but `hooks`. */
export type Report = {
  /** Unsealed members and replicas: "2/3". */
  readonly members: string;
  readonly sealed: number;
  /** The name of a pod, or "none". */
  readonly leader: string;
  /** "none", "none, 2 fields not compared", "3 differences" or "unknown". */
  readonly drift: string;
  readonly problems: readonly Problem[];
  readonly conditions: readonly Condition[];
  readonly observedAt: string;
  /** After this time the report is out of date, and says nothing about Vault any more. */
  readonly validUntil: string;
};

export type Hooks = { readonly [Name in HookName]?: HookOutcome };

/** The status of the object VaultHealth. Every field may be missing: the object is created empty. */
export type HealthStatus = Partial<Report> & { readonly hooks?: Hooks };

/** The only object VaultHealth. apps/vault-health creates it. */
export function vaultHealth(namespace: string): ObjectRef {
  return {
    group: "vault-hooks.dev",
    version: "v1alpha1",
    kind: "VaultHealth",
    plural: "vaulthealths",
    namespace,
    name: "vault",
  };
}

/** The status as stored. The API server has checked it against the schema of the CustomResourceDefinition. */
export function healthOf({ status }: CustomObject): HealthStatus {
  return (status ?? {}) as HealthStatus;
}

/** A time as the status has it. As all have the same form, they compare as strings. */
export function timestamp(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
