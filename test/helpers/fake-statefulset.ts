import { stringify } from "yaml";
import type { KubeServer } from "./kube-server.ts";

/** Vault's StatefulSet as in the official chart, with the pods and claims that its controller would create. */
export type FakeStatefulSet = {
  /** Creates pod `i`, running, and its claim, if they are missing. */
  addPod(i: number): Promise<void>;
  /** Removes pod `i`; its claim stays. */
  removePod(i: number): Promise<void>;
  /** Removes the claim of pod `i`. */
  removeClaim(i: number): Promise<void>;
  /** Replaces the status of pod `i`. */
  setPodStatus(i: number, status: object): Promise<void>;
  scale(replicas: number): Promise<void>;
};

export type FakeOptions = {
  readonly replicas?: number;
  /** IP in the status of each pod; 127.0.0.1 by default. */
  readonly ips?: readonly string[];
  /** The container's VAULT_ADDR. */
  readonly vaultAddr?: string;
};

const namespace = "vault";
const labels = { "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": "vault", component: "server" };

/** Creates the namespaces `vault` and `vault-custody`, and the StatefulSet `vault` in the first. */
export async function createFakeStatefulSet(kube: KubeServer, options: FakeOptions = {}): Promise<FakeStatefulSet> {
  const { replicas = 3, ips = [], vaultAddr = "http://127.0.0.1:8200" } = options;
  await kube.apply(
    [...["vault", "vault-custody"].map(namespaceOf), statefulSet(replicas, vaultAddr)].map(document).join(""),
  );
  const uid = (
    await kube.kubectl(["get", "statefulset", "vault", "-n", namespace, "-o=jsonpath={.metadata.uid}"])
  ).trim();

  async function setPodStatus(i: number, status: object): Promise<void> {
    const body = await kube.core.readNamespacedPod({ namespace, name: `vault-${i}` });
    await kube.core.replaceNamespacedPodStatus({ namespace, name: `vault-${i}`, body: { ...body, status } });
  }
  async function addPod(i: number): Promise<void> {
    await kube.apply([claim(i), pod(i, uid, vaultAddr)].map(document).join(""));
    await setPodStatus(i, running(ips[i] ?? "127.0.0.1"));
  }
  for (let i = 0; i < replicas; i++) await addPod(i);
  return {
    addPod,
    setPodStatus,
    removePod: async (i) =>
      void (await kube.core.deleteNamespacedPod({ namespace, name: `vault-${i}`, gracePeriodSeconds: 0 })),
    removeClaim: async (i) =>
      void (await kube.core.deleteNamespacedPersistentVolumeClaim({ namespace, name: `data-vault-${i}` })),
    scale: async (count) =>
      void (await kube.kubectl(["scale", "statefulset", "vault", "-n", namespace, `--replicas=${count}`])),
  };
}

function document(object: object): string {
  return `---\n${stringify(object)}`;
}

function namespaceOf(name: string): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function podSpec(vaultAddr: string): object {
  const env = [{ name: "VAULT_ADDR", value: vaultAddr }];
  return { containers: [{ name: "vault", image: "docker.io/hashicorp/vault:1.21.1", env }] };
}

const claimSpec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

function statefulSet(replicas: number, vaultAddr: string): object {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "vault", namespace, labels },
    spec: {
      replicas,
      serviceName: "vault-internal",
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "OnDelete" },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(vaultAddr) },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claimSpec }],
    },
  };
}

function pod(i: number, uid: string, vaultAddr: string): object {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "vault", uid, controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `vault-${i}`,
      namespace,
      labels: { ...labels, "apps.kubernetes.io/pod-index": `${i}`, "statefulset.kubernetes.io/pod-name": `vault-${i}` },
      ownerReferences: [owner],
    },
    spec: podSpec(vaultAddr),
  };
}

function claim(i: number): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: `data-vault-${i}`, namespace, labels },
    spec: claimSpec,
  };
}

function running(podIP: string): object {
  return {
    phase: "Running",
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      {
        name: "vault",
        ready: true,
        started: true,
        restartCount: 0,
        image: "docker.io/hashicorp/vault:1.21.1",
        imageID: "",
        state: { running: {} },
      },
    ],
  };
}
