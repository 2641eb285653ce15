import type { CustomObject, ObjectRef } from "../kube/kube.ts";
import { redactFreeText } from "../redact.ts";

/**
 * The used fields of an Application, as its CRD names them. Argo CD omits empty ones.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
 */
export type Application = {
  readonly metadata: { readonly resourceVersion: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly destination?: { readonly namespace?: string };
    readonly syncPolicy?: {
      readonly automated?: { readonly enabled?: boolean };
      readonly syncOptions?: readonly string[];
    };
  };
  /** The requested operation. Argo CD removes it when the operation has ended. */
  readonly operation?: Operation;
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly operationState?: OperationState;
    /** The full syncs that succeeded, oldest first. */
    readonly history?: ReadonlyArray<{ readonly deployedAt: string }>;
    readonly conditions?: ReadonlyArray<{ readonly type: string; readonly message: string }>;
    /** Every object that belongs to the Application. */
    readonly resources?: ReadonlyArray<{ readonly kind: string; readonly name: string }>;
  };
};

/** A requested sync. */
export type Operation = {
  readonly initiatedBy?: { readonly username?: string; readonly automated?: boolean };
  readonly info?: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  readonly sync?: {
    readonly syncOptions?: readonly string[];
    /** The objects of a partial sync, which runs no hooks. */
    readonly resources?: readonly object[];
  };
};

/** The running operation, or the last one. */
export type OperationState = {
  readonly operation?: Operation;
  readonly phase: "Running" | "Terminating" | "Succeeded" | "Failed" | "Error";
  readonly message?: string;
  /** When its first attempt began. */
  readonly startedAt: string;
  /** Also set while a Running operation pauses before its next attempt. */
  readonly finishedAt?: string;
  readonly syncResult?: {
    readonly resources?: ReadonlyArray<{
      readonly name: string;
      /** Absent or empty for an ordinary object. */
      readonly hookType?: string;
      /** Ordinary objects may have a phase too, so it does not identify a hook. */
      readonly hookPhase?: string;
      readonly message?: string;
    }>;
  };
};

/** Changes of an Application, as a merge patch. */
export type ApplicationPatch = {
  readonly operation?: Operation;
  /** `null` removes the state of the last operation. */
  readonly status?: { readonly operationState: { readonly phase: "Terminating" } | null };
};

export function applicationRef(namespace: string, name: string): ObjectRef {
  return { group: "argoproj.io", version: "v1alpha1", kind: "Application", plural: "applications", namespace, name };
}

/** The Application as stored. Argo CD's CustomResourceDefinition has checked its fields. */
export function applicationOf(found: CustomObject): Application {
  return found as CustomObject & Application;
}

/** Whether Argo CD syncs it by itself. A person disables that to pause the Application. */
export function isAutomated({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated !== undefined && automated.enabled !== false;
}

/** Whether a sync of this Application creates the namespace: as one of its objects, or by the option CreateNamespace. */
export function makesNamespace({ spec, status }: Application, namespace: string): boolean {
  const owns = status?.resources?.some(({ kind, name }) => kind === "Namespace" && name === namespace) === true;
  const creates = spec.syncPolicy?.syncOptions?.includes("CreateNamespace=true") === true;
  return owns || (creates && spec.destination?.namespace === namespace);
}

/** Returns when the last full sync succeeded, with all its hooks; undefined if none did. */
export function lastFullSync({ status }: Application): Date | undefined {
  const state = status?.operationState;
  const full = state?.phase === "Succeeded" && (state.operation?.sync?.resources ?? []).length === 0;
  const at = full ? state.finishedAt : status?.history?.at(-1)?.deployedAt;
  return at === undefined ? undefined : new Date(at);
}

/** Returns why Argo CD cannot compare or render the Application, with secrets redacted. A sync cannot change that. */
export function invalidBecause({ status }: Application): string | undefined {
  const invalid = ["ComparisonError", "InvalidSpecError"];
  const message = status?.conditions?.find(({ type }) => invalid.includes(type))?.message;
  return message === undefined ? undefined : redactFreeText(message);
}

/** Returns what Argo CD says of the operation, with secrets redacted. */
export function messageOf({ message = "" }: OperationState): string {
  return redactFreeText(message);
}

export function hasFailed({ phase }: OperationState): boolean {
  return phase === "Failed" || phase === "Error";
}

/**
 * Returns the first hook that failed in the operation, and why, with secrets redacted. A hook that Argo CD terminated with its operation
 * is left out: since 3.6, Argo CD reports it as Failed, with the message "Terminated".
 */
export function failedHook({
  syncResult,
}: OperationState): { readonly name: string; readonly message: string } | undefined {
  const failed = syncResult?.resources?.find(
    ({ hookType = "", hookPhase, message }) =>
      hookType !== "" && (hookPhase === "Failed" || hookPhase === "Error") && message !== "Terminated",
  );
  return failed === undefined ? undefined : { name: failed.name, message: redactFreeText(failed.message ?? "") };
}
