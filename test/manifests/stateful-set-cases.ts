import type { Health } from "../helpers/health.ts";

type Case = readonly [title: string, statefulSet: object, expected: Health];

/** The key of argocd-cm with our definition. */
export const statefulSetKey = "resource.customizations.health.apps_StatefulSet";

type Parts = { meta?: object; spec?: object; status?: object };

/** A StatefulSet of three with update strategy OnDelete and all pods Ready. Each case changes some fields. */
function statefulSet({ meta, spec, status }: Parts = {}): object {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace: "db", generation: 2, ...meta },
    spec: { replicas: 3, updateStrategy: { type: "OnDelete" }, ...spec },
    status: {
      observedGeneration: 2,
      replicas: 3,
      readyReplicas: 3,
      currentRevision: "a",
      updateRevision: "a",
      ...status,
    },
  };
}

const rolling = (rollingUpdate?: object) => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate } });
const healthy = (message: string): Health => ({ status: "Healthy", message });
const progressing = (message: string): Health => ({ status: "Progressing", message });
const unobserved = progressing("Waiting for statefulset spec update to be observed...");
const annotated = (value: string): Parts => ({ meta: { annotations: { "vault-hooks.dev/health": value } } });
const twoReady: Parts = { status: { readyReplicas: 2 } };

/** StatefulSets for which our definition must give the same health as Argo CD itself. */
export const sameAsBuiltIn: readonly Case[] = [
  ["without a status", { ...statefulSet(), status: undefined }, unobserved],
  ["that Kubernetes has not observed yet", statefulSet({ status: { observedGeneration: 0 } }), unobserved],
  [
    "without generations",
    statefulSet({ meta: { generation: undefined }, status: { observedGeneration: undefined } }),
    unobserved,
  ],
  ["whose change is not observed yet", statefulSet({ meta: { generation: 3 } }), unobserved],
  ["with all pods Ready", statefulSet(), healthy("statefulset has 3 ready pods")],
  ["with two of three pods Ready", statefulSet(twoReady), progressing("Waiting for 1 pods to be ready...")],
  [
    "without a Ready pod",
    statefulSet({ status: { readyReplicas: undefined } }),
    progressing("Waiting for 3 pods to be ready..."),
  ],
  [
    "with no replicas",
    statefulSet({ spec: { replicas: 0 }, status: { readyReplicas: 0 } }),
    healthy("statefulset has 0 ready pods"),
  ],
  [
    "without a number of replicas",
    statefulSet({ spec: { replicas: undefined }, status: { readyReplicas: 0 } }),
    healthy("statefulset has 0 ready pods"),
  ],
  [
    "with a partition that is not updated",
    statefulSet({ spec: rolling({ partition: 1 }), status: { updatedReplicas: 1, updateRevision: "b" } }),
    progressing("Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated..."),
  ],
  [
    "with an updated partition",
    statefulSet({ spec: rolling({ partition: 1 }), status: { updatedReplicas: 2, updateRevision: "b" } }),
    healthy("partitioned roll out complete: 2 new pods have been updated..."),
  ],
  [
    "with the default partition",
    statefulSet({ spec: rolling({ partition: 0 }), status: { updatedReplicas: 3 } }),
    healthy("partitioned roll out complete: 3 new pods have been updated..."),
  ],
  [
    "with a rolling update without a partition",
    statefulSet({ spec: rolling({ maxUnavailable: 1 }), status: { updateRevision: "b" } }),
    healthy("partitioned roll out complete: 0 new pods have been updated..."),
  ],
  [
    "in the middle of a rolling update",
    statefulSet({ spec: rolling(), status: { updatedReplicas: 1, updateRevision: "b" } }),
    progressing("waiting for statefulset rolling update to complete 1 pods at revision b..."),
  ],
  [
    "after a rolling update",
    statefulSet({ spec: rolling(), status: { currentReplicas: 3 } }),
    healthy("statefulset rolling update complete 3 pods at revision a..."),
  ],
  [
    "without an update strategy",
    statefulSet({ spec: { updateStrategy: undefined }, status: { currentReplicas: 3 } }),
    healthy("statefulset rolling update complete 3 pods at revision a..."),
  ],
  [
    "with a different value of the annotation",
    statefulSet({ ...annotated("all"), ...twoReady }),
    progressing("Waiting for 1 pods to be ready..."),
  ],
  [
    "with the annotation as a label",
    statefulSet({ meta: { labels: { "vault-hooks.dev/health": "quorum" } }, ...twoReady }),
    progressing("Waiting for 1 pods to be ready..."),
  ],
  [
    "with other annotations",
    statefulSet({ meta: { annotations: { x: "quorum" } }, ...twoReady }),
    progressing("Waiting for 1 pods to be ready..."),
  ],
  [
    "with the annotation and rolling updates",
    statefulSet({ ...annotated("quorum"), spec: rolling(), ...twoReady }),
    progressing("Waiting for 1 pods to be ready..."),
  ],
  ["with the annotation and all pods Ready", statefulSet(annotated("quorum")), healthy("statefulset has 3 ready pods")],
  [
    "with the annotation and no replicas",
    statefulSet({ ...annotated("quorum"), spec: { replicas: 0 }, status: { readyReplicas: 0 } }),
    healthy("statefulset has 0 ready pods"),
  ],
  [
    "with the annotation and a change that is not observed yet",
    statefulSet({ meta: { ...annotated("quorum").meta, generation: 3 }, ...twoReady }),
    unobserved,
  ],
];

const ofQuorum = (ready: number, replicas: number) =>
  statefulSet({ ...annotated("quorum"), spec: { replicas }, status: { readyReplicas: ready } });

/** StatefulSets with the annotation, of which some pods are not Ready. */
export const byQuorum: readonly Case[] = [
  ["with two of three", ofQuorum(2, 3), healthy("2 of 3 pods are ready, which is a quorum")],
  ["with three of five", ofQuorum(3, 5), healthy("3 of 5 pods are ready, which is a quorum")],
  ["with three of four", ofQuorum(3, 4), healthy("3 of 4 pods are ready, which is a quorum")],
  ["with one of three", ofQuorum(1, 3), progressing("1 of 3 pods are ready, which is not a quorum")],
  ["with two of four", ofQuorum(2, 4), progressing("2 of 4 pods are ready, which is not a quorum")],
  ["with two of five", ofQuorum(2, 5), progressing("2 of 5 pods are ready, which is not a quorum")],
  ["with none of one", ofQuorum(0, 1), progressing("0 of 1 pods are ready, which is not a quorum")],
];
