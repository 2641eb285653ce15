import type { KubeServer } from "./kube-server.ts";
import type { PodView } from "./pod-view.ts";

/**
 * Returns the pod view of a Vault that runs as ServiceAccount `vault` in namespace `vault`, and creates both. As in the
 * official chart, the account may review tokens, so the Kubernetes auth method needs no token and no CA in its configuration.
 */
export async function vaultPodView(kube: KubeServer): Promise<PodView> {
  await kube.apply(account);
  return await kube.podViewFor("vault", "vault");
}

const account = `
{apiVersion: v1, kind: Namespace, metadata: {name: vault}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: vault, namespace: vault}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: vault-server-binding}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"}
subjects: [{kind: ServiceAccount, name: vault, namespace: vault}]
`;
