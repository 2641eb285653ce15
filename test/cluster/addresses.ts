/** Every address of the embedded cluster. The node's is on a bridge that up makes, since some kernels have no dummy device. */
export const address = {
  bridge: "vault-hooks0",
  node: "10.123.0.1",
  podRange: "10.244.0.0/24",
  serviceRange: "10.96.0.0/16",
  kubernetesService: "10.96.0.1",
} as const;

/** All on the bridge, so that nothing listens to the world outside; etcd, which asks for no password, only on loopback. */
export const url = {
  apiServer: `https://${address.node}:6443`,
  etcd: "http://127.0.0.1:23790",
  etcdPeer: "http://127.0.0.1:23791",
  git: `git://${address.node}/vault-hooks.git`,
  charts: `http://${address.node}:8879`,
} as const;

export const nodeName = "node-1";
