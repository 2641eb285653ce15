import type {
  AppsV1Api,
  CoreV1Api,
  V1ContainerStatus,
  V1Pod,
  V1PodCondition,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { redactFreeText } from "../redact.ts";
import type { Call } from "./call.ts";
import { deletion } from "./deletion.ts";
import type { Claim, Kube, Pod, StatefulSet } from "./kube.ts";

type Workload = Pick<Kube, "statefulSet" | "statefulSets" | "pods" | "claims" | "deletePod" | "deleteClaim">;

/** Calls for Vault's StatefulSet, pods and volume claims. */
export function workload(call: Call, apps: AppsV1Api, core: CoreV1Api): Workload {
  return {
    async statefulSet(namespace, name) {
      const apiCall = { verb: "get", kind: "StatefulSet", resource: "statefulsets.apps", namespace, name } as const;
      const read = (options: object) => apps.readNamespacedStatefulSet({ namespace, name }, options);
      const found = await call<V1StatefulSet | undefined>(apiCall, read, { expected: { 404: undefined } });
      return found === undefined ? undefined : toStatefulSet(name, found);
    },
    async statefulSets(namespace) {
      const apiCall = { verb: "list", kind: "StatefulSets", resource: "statefulsets.apps", namespace } as const;
      const list = await call(apiCall, (options) => apps.listNamespacedStatefulSet({ namespace }, options));
      return list.items.map(({ metadata }) => metadata?.name ?? "");
    },
    async pods(namespace) {
      const apiCall = { verb: "list", kind: "Pods", resource: "pods", namespace } as const;
      const list = await call(apiCall, (options) => core.listNamespacedPod({ namespace }, options));
      return list.items.map(toPod);
    },
    async claims(namespace) {
      const apiCall = {
        verb: "list",
        kind: "PersistentVolumeClaims",
        resource: "persistentvolumeclaims",
        namespace,
      } as const;
      const list = await call(apiCall, (options) => core.listNamespacedPersistentVolumeClaim({ namespace }, options));
      return list.items.map(({ metadata }): Claim => ({ ...identity(metadata), deleting: isDeleting(metadata) }));
    },
    async deletePod(namespace, name, uid, dryRun = false) {
      const apiCall = { verb: "delete", kind: "Pod", resource: "pods", namespace, name } as const;
      const body = deletion(uid, dryRun);
      await call<unknown>(apiCall, (options) => core.deleteNamespacedPod({ namespace, name, body }, options), {
        expected: gone,
      });
    },
    async deleteClaim(namespace, name, uid, dryRun = false) {
      const kind = { kind: "PersistentVolumeClaim", resource: "persistentvolumeclaims" };
      const apiCall = { verb: "delete", ...kind, namespace, name } as const;
      const body = deletion(uid, dryRun);
      const act = (options: object) => core.deleteNamespacedPersistentVolumeClaim({ namespace, name, body }, options);
      await call<unknown>(apiCall, act, { expected: gone });
    },
  };
}

/** 404: it is gone; 409: another object has its name, so it is gone too. */
const gone = { 404: undefined, 409: undefined };

type Metadata = { readonly name?: string; readonly uid?: string; readonly deletionTimestamp?: unknown };

function identity(metadata: Metadata | undefined): { name: string; uid: string } {
  return { name: metadata?.name ?? "", uid: metadata?.uid ?? "" };
}

function isDeleting(metadata: Metadata | undefined): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

function toStatefulSet(name: string, { metadata, spec }: V1StatefulSet): StatefulSet {
  const variables = (spec?.template.spec?.containers ?? []).flatMap((container) => container.env ?? []);
  const address = variables.find((variable) => variable.name === "VAULT_ADDR" || variable.name === "BAO_ADDR")?.value;
  return {
    name,
    uid: metadata?.uid ?? "",
    replicas: spec?.replicas ?? 1,
    serviceName: spec?.serviceName ?? "",
    scheme: address?.startsWith("https:") ? "https" : "http",
    selector: spec?.selector.matchLabels ?? {},
    claimTemplates: (spec?.volumeClaimTemplates ?? []).map((template) => template.metadata?.name ?? ""),
  };
}

/** Keeps the few fields of a pod that this program uses. */
export function toPod(pod: V1Pod): Pod {
  const { metadata, status } = pod;
  return {
    ...identity(metadata),
    labels: metadata?.labels ?? {},
    phase: status?.phase ?? "Unknown",
    ip: status?.podIP,
    deleting: isDeleting(metadata),
    unschedulable: unscheduled(pod) !== undefined,
    reason: whyNotRunning(pod),
  };
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions */
function unscheduled({ status }: V1Pod): V1PodCondition | undefined {
  return status?.conditions?.find(({ type, status: met }) => type === "PodScheduled" && met === "False");
}

/** The reason of the pod itself (Evicted), of a container (ImagePullBackOff), or of its scheduling (Unschedulable). */
function whyNotRunning(pod: V1Pod): string | undefined {
  const { status } = pod;
  if (status?.reason) return withMessage(status.reason, status.message);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const stuck = containers.map(whyContainerNotRunning).find((reason) => reason !== undefined);
  if (stuck !== undefined) return stuck;
  const unmet = unscheduled(pod);
  return unmet === undefined ? undefined : withMessage(unmet.reason ?? "Unschedulable", unmet.message);
}

function whyContainerNotRunning({ state, lastState }: V1ContainerStatus): string | undefined {
  if (state?.waiting?.reason)
    return withMessage(state.waiting.reason, state.waiting.message ?? exitCodeOf(lastState?.terminated));
  const ended = state?.terminated;
  return ended === undefined || ended.exitCode === 0
    ? undefined
    : withMessage(ended.reason ?? "Error", ended.message ?? exitCodeOf(ended));
}

function exitCodeOf(ended: { readonly exitCode: number } | undefined): string | undefined {
  return ended === undefined ? undefined : `exit code ${ended.exitCode}`;
}

function withMessage(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${redactFreeText(message)}` : reason;
}
