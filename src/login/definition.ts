import { kubernetesAuth } from "../kinds/auth/kubernetes.ts";
import { reserved } from "../kinds/index.ts";
import type { Item, Origin } from "../kinds/model/kind.ts";
import { mountKinds, mountsPath } from "../kinds/mount/mount.ts";
import { policyKind, policyPath } from "../kinds/system/policy.ts";

/** The ServiceAccount that `configure` logs in as, in Vault's namespace (hooks/base/configure/rbac.yaml). */
export const loginServiceAccount = "vault-hooks-configure";
/** The audience of its token. Vault accepts no other. */
export const loginAudience = "vault-hooks";
export const loginPath = `auth/${reserved.mount}/login`;

/** A login that may write policies can grant itself everything, so a shorter list would only look safer (ADR 4). */
const fullAccess = `path "*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo"]
}
`;

/** The system's default lifetimes; no field of a request or response is in clear text in the audit log. */
const tune = {
  default_lease_ttl: 0,
  max_lease_ttl: 0,
  token_type: "default-service",
  audit_non_hmac_request_keys: [],
  audit_non_hmac_response_keys: [],
};

const builtIn: Origin = { file: "vault-hooks", line: 0, column: 0 };

/**
 * The mount, policy and role that `configure` logs in with. Pure.
 * The API server's CA and the reviewer's token stay unset: Vault then uses those of its own pod, which Kubernetes rotates.
 *
 * @param namespace the ServiceAccount's namespace
 * @param kubernetesHost URL of the Kubernetes API as Vault's pods reach it
 */
export function loginDefinition(namespace: string, kubernetesHost: string): Item[] {
  const mount = `${mountsPath.auth}/${reserved.mount}`;
  const place = { prefix: `auth/${reserved.mount}`, within: mount, values: {}, originOf: () => builtIn };
  const role = {
    bound_service_account_names: [loginServiceAccount],
    bound_service_account_namespaces: [namespace],
    audience: loginAudience,
    token_policies: [reserved.policy],
    token_no_default_policy: true,
    token_type: "service",
    token_ttl: "30m",
    token_max_ttl: "30m",
  };
  const { config, roles } = kubernetesAuth.sections;
  return [
    { kind: policyKind, path: policyPath(reserved.policy), desired: { policy: fullAccess }, at: builtIn },
    {
      kind: mountKinds.auth,
      path: mount,
      desired: { type: "kubernetes", description: "the login of vault-hooks itself", tune },
      at: builtIn,
    },
    ...(config?.compile({ kubernetes_host: kubernetesHost }, place) ?? []),
    ...(roles?.compile({ [reserved.role]: role }, place) ?? []),
  ];
}
