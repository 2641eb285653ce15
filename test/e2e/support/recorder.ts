import { setTimeout as delay } from "node:timers/promises";
import type { Api, KubeObject } from "./api.ts";

/** One event of a watch, in the order in which it came in here. */
export type Seen = {
  readonly kind: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /**
   * etcd's revision of the change. All kinds share one counter, so these order events of different kinds strictly, where
   * creationTimestamp and completionTime know only whole seconds.
   */
  readonly revision: number;
  /** When it was received, in milliseconds since 1970. */
  readonly at: number;
  readonly object: KubeObject;
};

export type Recorder = {
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
};

/** What is watched: the path of each list, by the name of its kind. */
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
 * Starts to record every change to these kinds. What exists already is recorded as ADDED.
 * A kind that does not exist yet is asked for again until it does.
 *
 * @param onEvent called for each event as it comes in
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

/** Watches one list for as long as it may; a stream that ends goes on where it stopped. */
async function follow(
  api: Api,
  path: string,
  signal: AbortSignal,
  record: (type: Seen["type"], object: KubeObject) => void,
): Promise<void> {
  let revision = "0"; // all there is, and what changes from then on
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
      .catch(() => {}); // no such kind yet, or the API server is away
    if (!signal.aborted) await delay(250, undefined, { signal }).catch(() => {});
  }
}
