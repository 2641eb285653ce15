import { makesNamespace, messageOf, type OperationState } from "./application.ts";
import type { Facts } from "./facts.ts";
import type { Reason } from "./operation.ts";

/** How long an operation waits without its namespace or its StatefulSet before it is ended, in milliseconds. */
const withoutNamespaceMs = 30_000;
const withoutStatefulSetMs = 60_000;

type Hang = { readonly reason: Reason; readonly why: string };

/**
 * An operation of Argo CD waits for an object to become healthy, or for a hook to end. If that object is deleted meanwhile, Argo CD 3.2
 * waits until the timeout of the controller, which is an hour here. Argo CD 3.6 fails the operation, unless it waits for a hook in a
 * namespace that is being deleted. While it waits, every other sync of the Application is blocked, and the finalizer of a running hook
 * keeps a deleted namespace.
 *
 * @returns why the operation can never succeed; undefined if it may
 * @see https://github.com/argoproj/argo-cd/blob/v3.6.1/gitops-engine/pkg/sync/sync_context.go
 */
export function hanging(facts: Facts, state: OperationState): Hang | undefined {
  return sinceNamespace(facts, state) ?? withoutNamespace(facts, state) ?? withoutStatefulSet(facts, state);
}

function sinceNamespace({ application, namespace }: Facts, { startedAt }: OperationState): Hang | undefined {
  if (namespace.state !== "active" || makesNamespace(application, namespace.name)) return undefined;
  if (namespace.createdAt <= new Date(startedAt)) return undefined;
  return { reason: "NamespaceDeleted", why: `namespace ${namespace.name} was created again after the operation began` };
}

function withoutNamespace(facts: Facts, state: OperationState): Hang | undefined {
  const { application, namespace, unchangedMs } = facts;
  const pauses = state.finishedAt !== undefined;
  if (pauses || Math.min(unchangedMs.namespace, unchangedMs.operation) < withoutNamespaceMs) return undefined;
  const { name, state: found } = namespace;
  const deleting = found === "deleting" && !makesNamespace(application, name);
  if (found !== "absent" && !deleting) return undefined;
  const what = found === "absent" ? "does not exist" : "is being deleted";
  return { reason: "NamespaceDeleted", why: `namespace ${name} ${what}; Argo CD reports: "${messageOf(state)}"` };
}

function withoutStatefulSet(facts: Facts, state: OperationState): Hang | undefined {
  const { namespace, statefulSet, unchangedMs } = facts;
  if (statefulSet.exists !== false || namespace.state !== "active") return undefined;
  const waitsFor = `waiting for healthy state of apps/StatefulSet/${statefulSet.name}`;
  if (state.message?.startsWith(waitsFor) !== true) return undefined;
  if (Math.min(unchangedMs.statefulSet, unchangedMs.operation) < withoutStatefulSetMs) return undefined;
  const why = `StatefulSet ${statefulSet.name} does not exist; Argo CD reports: "${messageOf(state)}"`;
  return { reason: "StatefulSetDeleted", why };
}
