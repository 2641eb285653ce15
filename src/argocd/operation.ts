import type { Application, ApplicationPatch, OperationState } from "./application.ts";

/** Why a sync is requested, or an operation ended. A label of metrics, and a word in the operation itself. */
export const reasons = [
  "NamespaceDeleted",
  "StatefulSetDeleted",
  "SyncFailed",
  "HooksFailed",
  "OutOfSync",
  "NotInitialized",
  "Drift",
] as const;
export type Reason = (typeof reasons)[number];

/** Argo CD shows it as the one who started the sync. */
const username = "vault-hooks";

/**
 * A full sync of what Git says: every object and every hook, at the revision of `spec`, without pruning. It has no retries of
 * its own, because each would keep the sync options that it began with. `automated` makes it respect sync windows.
 *
 * hooks/watch/argocd/policy.yaml allows exactly this.
 *
 * @param attempt counts the requests since the last sync that helped; the next decision reads it
 * @see https://github.com/argoproj/argo-cd/blob/v3.6.1/pkg/apis/application/v1alpha1/types.go
 */
export function syncPatch({ spec, status }: Application, reason: Reason, attempt: number): ApplicationPatch {
  const syncOptions = spec.syncPolicy?.syncOptions;
  return {
    operation: {
      initiatedBy: { username, automated: true },
      info: [
        { name: "reason", value: reason },
        { name: "attempt", value: String(attempt) },
      ],
      sync: syncOptions === undefined ? {} : { syncOptions },
    },
    // as Argo CD does: otherwise the new operation would inherit the retries of the last one
    ...(status?.operationState === undefined ? {} : { status: { operationState: null } }),
  };
}

/** Ends the running operation, as `argocd app terminate-op` does. */
export const terminatePatch: ApplicationPatch = { status: { operationState: { phase: "Terminating" } } };

/** Returns the request that an operation came from; undefined if somebody else started it. */
export function requestOf({
  operation,
}: OperationState): { readonly reason: string; readonly attempt: number } | undefined {
  if (operation?.initiatedBy?.username !== username) return undefined;
  const value = (key: string) => operation.info?.find(({ name }) => name === key)?.value ?? "";
  return { reason: value("reason"), attempt: Number.parseInt(value("attempt"), 10) || 1 };
}
