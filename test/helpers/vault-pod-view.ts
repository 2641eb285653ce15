import type { KubeServer } from "./kube-server.ts";
import type { PodView } from "./pod-view.ts";

/**
 * What Vault sees in its pod when it runs as ServiceAccount `vault` of namespace `vault`, which may review tokens as the
 * official chart lets it: the Kubernetes auth method then needs no token and no CA in its configuration. Makes both the
 * namespace and the account.
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
