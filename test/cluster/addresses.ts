import { clusterName } from "./paths.ts";

/** The addresses of the embedded cluster. The node's is on a bridge of its own, since some kernels have no dummy device. */
export const address = {
  bridge: "vault-hooks0",
  node: "10.123.0.1",
  podRange: "10.244.0.0/24",
  serviceRange: "10.96.0.0/16",
  kubernetesService: "10.96.0.1",
} as const;

/** The API server listens on the bridge, not on outside interfaces; etcd, which has no authentication, on loopback. */
export const url = {
  apiServer: `https://${address.node}:6443`,
  etcd: "http://127.0.0.1:23790",
  etcdPeer: "http://127.0.0.1:23791",
} as const;

/** Where Argo CD finds the checkout and the charts: on this machine, or in a pod of the kind cluster (kind/sources.ts). */
const servedBy = clusterName === "kind" ? "sources.vault-hooks-sources.svc.cluster.local" : address.node;
export const sourceUrl = { git: `git://${servedBy}/vault-hooks.git`, charts: `http://${servedBy}:8879` } as const;

export const nodeName = "node-1";
