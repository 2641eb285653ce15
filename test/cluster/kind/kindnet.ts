/**
 * The network of the project's own node image: a pod on each node gives its pods addresses of the node's range, and keeps a
 * route to the range of every other node. It stands in for kind's kindnetd, which no registry gives here.
 */
export const kindnetImage = "localhost/vault-hooks/kindnet:1";

const plugins = `{"cniVersion":"0.3.1","name":"kindnet","plugins":[
 {"type":"ptp","ipMasq":true,"ipam":{"type":"host-local","dataDir":"/run/cni-ipam-state",
  "routes":[{"dst":"0.0.0.0/0"}],"ranges":[[{"subnet":"$range"}]]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}`;

/** Runs in busybox. kubectl takes the pod's own account only without flags such as --request-timeout. A node that restarts has lost its routes, and a node may come later: so it repeats. */
export const kindnetScript = `#!/bin/sh
config=/etc/cni/net.d/10-kindnet.conflist
while true; do
  timeout 10 kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}' > /tmp/nodes || : > /tmp/nodes
  while read -r name range address; do
    [ -n "$range" ] || continue
    if [ "$name" = "$NODE_NAME" ]; then
      cat > /tmp/config <<END
${plugins}
END
      cmp -s /tmp/config "$config" || { cp /tmp/config "$config.new" && mv "$config.new" "$config"; }
    else
      ip route replace "$range" via "$address"
    fi
  done < /tmp/nodes
  sleep 2
done
`;

/** @returns what kind applies as its default network */
export function kindnetManifest(): string {
  const metadata = { name: "kindnet", namespace: "kube-system" };
  const labels = { app: "kindnet" };
  const rbac = "rbac.authorization.k8s.io";
  const objects = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: "kindnet" },
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list"] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "kindnet" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "kindnet" },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec() } },
    },
  ];
  return objects.map((each) => JSON.stringify(each)).join("\n---\n");
}

function podSpec(): object {
  const nodeName = { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };
  return {
    hostNetwork: true,
    serviceAccountName: "kindnet",
    tolerations: [{ operator: "Exists" }],
    containers: [
      {
        name: "kindnet",
        image: kindnetImage,
        env: [nodeName],
        securityContext: { capabilities: { add: ["NET_ADMIN"] } },
        volumeMounts: [{ name: "config", mountPath: "/etc/cni/net.d" }],
      },
    ],
    volumes: [{ name: "config", hostPath: { path: "/etc/cni/net.d" } }],
  };
}
