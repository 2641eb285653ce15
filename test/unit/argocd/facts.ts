import type { Application, Operation, OperationState } from "../../../src/argocd/application.ts";
import { decide } from "../../../src/argocd/decide.ts";
import type { Facts } from "../../../src/argocd/facts.ts";

/** Moments of a story, in the order in which they happen. */
export const times = {
  namespaceCreated: "2026-11-29T10:00:00Z",
  synced: "2026-11-29T10:05:00Z",
  operationBegan: "2026-11-29T10:10:00Z",
  hookEnded: "2026-11-29T10:11:00Z",
  operationEnded: "2026-11-29T10:12:00Z",
  namespaceCreatedAgain: "2026-11-29T10:15:00Z",
  muchLater: "2026-11-29T11:00:00Z",
} as const;

type Status = NonNullable<Application["status"]>;
type Changes = Omit<Partial<Facts>, "unchangedMs"> & {
  readonly spec?: Application["spec"];
  readonly operation?: Operation;
  readonly status?: Partial<Status>;
  readonly unchangedMs?: Partial<Facts["unchangedMs"]>;
};

const minute = 60_000;

/** A Vault that is well: the last full sync succeeded in the present namespace, and nothing has changed for a minute. */
export function factsWith({ spec, operation, status, unchangedMs, ...changes }: Changes = {}): Facts {
  const application: Application = {
    metadata: { resourceVersion: "1" },
    spec: spec ?? { syncPolicy: { automated: {} } },
    status: { history: [{ deployedAt: times.synced }], operationState: succeeded, ...status },
    ...(operation && { operation }),
  };
  return {
    application,
    runsHooks: true,
    namespace: active,
    statefulSet: { name: "vault", exists: true },
    initialised: true,
    hooks: {},
    correctDrift: false,
    unchangedMs: { operation: minute, namespace: minute, statefulSet: minute, initialised: minute, ...unchangedMs },
    ...changes,
  };
}

export const active = { name: "vault", state: "active", createdAt: new Date(times.namespaceCreated) } as const;
export const again = { name: "vault", state: "active", createdAt: new Date(times.namespaceCreatedAgain) } as const;
export const absent = { name: "vault", state: "absent" } as const;
export const deleting = { ...active, state: "deleting" } as const;

const automatic: Operation = { initiatedBy: { automated: true }, sync: {} };

const succeeded: OperationState = {
  operation: automatic,
  phase: "Succeeded",
  startedAt: times.namespaceCreated,
  finishedAt: times.synced,
};

/** An operation of Argo CD itself. */
export function ended(phase: "Failed" | "Error" | "Succeeded", more: Partial<OperationState> = {}): OperationState {
  const { operationBegan: startedAt, operationEnded: finishedAt } = times;
  return { operation: automatic, phase, message: "it ended", startedAt, finishedAt, ...more };
}

export function running(message: string, more: Partial<OperationState> = {}): OperationState {
  return { operation: automatic, phase: "Running", message, startedAt: times.operationBegan, ...more };
}

/** The operation of an earlier request. */
export function requested(reason: string, attempt: number): Operation {
  const info = [
    { name: "reason", value: reason },
    { name: "attempt", value: String(attempt) },
  ];
  return { initiatedBy: { username: "vault-hooks", automated: true }, info, sync: {} };
}

export function withFailedHook(name: string, message: string): Pick<OperationState, "syncResult"> {
  return {
    syncResult: { resources: [{ name: "vault" }, { name, hookType: "PostSync", hookPhase: "Failed", message }] },
  };
}

/** Returns the decision in one line: "sync SyncFailed 1". */
export function summary(facts: Facts): string {
  const decision = decide(facts);
  const { act } = decision;
  if (act === "sync") return `${act} ${decision.reason} ${decision.attempt}`;
  return act === "terminate" || act === "paused" ? `${act} ${decision.reason}` : act;
}
