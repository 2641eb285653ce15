import { setTimeout as delay } from "node:timers/promises";
import type { Api, KubeObject } from "./api.ts";

/** One event of a watch, in the order of arrival. */
export type Seen = {
  readonly kind: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /**
   * etcd's revision of the change. All kinds share one counter, so revisions order events of different kinds strictly, while
   * creationTimestamp and completionTime have whole seconds only.
   */
  readonly revision: number;
  /** Time of arrival, in milliseconds since 1970. */
  readonly at: number;
  readonly object: KubeObject;
};

export type Recorder = {
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
};

/** The path of each list to watch, by kind. */
const watched: Readonly<Record<string, string>> = {
  Application: "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  ConfigMap: "/api/v1/configmaps",
  Deployment: "/apis/apps/v1/deployments",
  Event: "/api/v1/events",
  Job: "/apis/batch/v1/jobs",
  Namespace: "/api/v1/namespaces",
  Pod: "/api/v1/pods",
  Role: "/apis/rbac.authorization.k8s.io/v1/roles",
  RoleBinding: "/apis/rbac.authorization.k8s.io/v1/rolebindings",
  Secret: "/api/v1/secrets",
  Service: "/api/v1/services",
  ServiceAccount: "/api/v1/serviceaccounts",
  VaultAuth: "/apis/secrets.hashicorp.com/v1beta1/vaultauths",
  VaultConnection: "/apis/secrets.hashicorp.com/v1beta1/vaultconnections",
  VaultStaticSecret: "/apis/secrets.hashicorp.com/v1beta1/vaultstaticsecrets",
};

/**
 * Starts to record every change to these kinds. Existing objects are recorded as ADDED.
 * The watch of a kind that does not exist yet is retried until it does.
 *
 * @param onEvent called for each event on arrival
 */
export function startRecorder(api: Api, onEvent: (seen: Seen) => void = () => {}): Recorder {
  const seen: Seen[] = [];
  const stop = new AbortController();
  const loops = Object.entries(watched).map(([kind, path]) =>
    follow(api, path, stop.signal, (type, object) => {
      const event = { kind, type, revision: Number(object.metadata.resourceVersion), at: Date.now(), object };
      seen.push(event);
      onEvent(event);
    }),
  );
  return {
    seen,
    async stop() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}

/** Watches one list until the signal aborts. When a stream ends, the next one continues at the last revision. */
async function follow(
  api: Api,
  path: string,
  signal: AbortSignal,
  record: (type: Seen["type"], object: KubeObject) => void,
): Promise<void> {
  let revision = "0"; // all existing objects, then every change
  while (!signal.aborted) {
    const query = `?watch=1&timeoutSeconds=3600&resourceVersion=${revision}`;
    await api
      .watch(
        path + query,
        ({ type, object }) => {
          if (type === "ERROR") revision = "0";
          else revision = object.metadata.resourceVersion;
          if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") record(type, object);
        },
        signal,
      )
      .catch(() => {}); // the kind does not exist yet, or the API server is not reachable
    if (!signal.aborted) await delay(250, undefined, { signal }).catch(() => {});
  }
}
