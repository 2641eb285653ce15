import { kubernetesAuth } from "../kinds/auth/kubernetes.ts";
import { reserved } from "../kinds/index.ts";
import type { Item, Origin } from "../kinds/model/kind.ts";
import { mountKinds, mountsPath } from "../kinds/mount/mount.ts";
import { defaultOptions, policyKind, policyPath } from "../kinds/system/policy.ts";

/** One of the two ways to log in: a role in Vault, and the ServiceAccount in Vault's namespace that it is bound to. */
export type Login = { readonly role: string; readonly serviceAccount: string };

/** The login of `configure` (hooks/base/configure/rbac.yaml). */
export const writerLogin: Login = { role: reserved.role, serviceAccount: "vault-hooks-configure" };
/** The login of `plan` and `status`, which can only read (hooks/base/drift/rbac.yaml). */
export const readerLogin: Login = { role: reserved.readerRole, serviceAccount: "vault-hooks-plan" };
export const logins: readonly Login[] = [writerLogin, readerLogin];

/** The audience of its token. Vault accepts no other. */
export const loginAudience = "vault-hooks";
export const loginPath = `auth/${reserved.mount}/login`;

/** A login that may write policies can grant itself everything, so a shorter list would only look safer (ADR 4). */
const fullAccess = `path "*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo"]
}
`;

/**
 * Reads everything, because a declared object may be anywhere: a KV engine of version 1, a `raw` path. It changes nothing: neither
 * sudo nor a lookup that Vault takes as a POST lets it write (ADR 26).
 */
const readAccess = `path "*" {
  capabilities = ["read", "list"]
}
# Vault shows these only to a token with sudo.
path "sys/audit" {
  capabilities = ["read", "list", "sudo"]
}
path "sys/audit/*" {
  capabilities = ["read", "list", "sudo"]
}
path "sys/auth/*" {
  capabilities = ["read", "list", "sudo"]
}
path "sys/config/*" {
  capabilities = ["read", "list", "sudo"]
}
path "sys/plugins/catalog/*" {
  capabilities = ["read", "list", "sudo"]
}
# The settings of a secret ID, of an auth mount with one to three words, also in a namespace.
path "auth/+/role/+/secret-id/lookup" {
  capabilities = ["update"]
}
path "auth/+/+/role/+/secret-id/lookup" {
  capabilities = ["update"]
}
path "auth/+/+/+/role/+/secret-id/lookup" {
  capabilities = ["update"]
}
path "+/auth/+/role/+/secret-id/lookup" {
  capabilities = ["update"]
}
# Its own token, at the end of the run.
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
`;

/** The other fields of a role. One that is not declared could let others in, or lock the hooks out, without any drift. */
const roleDefaults = {
  bound_service_account_namespace_selector: "",
  alias_name_source: "serviceaccount_uid",
  token_bound_cidrs: [],
  token_explicit_max_ttl: 0,
  token_num_uses: 0,
  token_period: 0,
};

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
 * The mount, policies and roles that the commands log in with. Pure.
 * The API server's CA and the reviewer's token stay unset: Vault then uses those of its own pod, which Kubernetes rotates.
 *
 * @param namespace the ServiceAccounts' namespace
 * @param kubernetesHost URL of the Kubernetes API as Vault's pods reach it
 */
export function loginDefinition(namespace: string, kubernetesHost: string): Item[] {
  const mount = `${mountsPath.auth}/${reserved.mount}`;
  const place = { prefix: `auth/${reserved.mount}`, within: mount, values: {}, originOf: () => builtIn };
  const roleOf = (serviceAccount: string, policy: string) => ({
    bound_service_account_names: [serviceAccount],
    bound_service_account_namespaces: [namespace],
    audience: loginAudience,
    token_policies: [policy],
    token_no_default_policy: true,
    token_type: "service",
    token_ttl: "30m",
    token_max_ttl: "30m",
    ...roleDefaults,
  });
  // an expiration would end the login without any drift of its text
  const policyOf = (name: string, policy: string): Item => ({
    kind: policyKind,
    path: policyPath(name),
    desired: { policy, ...defaultOptions },
    at: builtIn,
  });
  const { config, roles } = kubernetesAuth.sections;
  const declaredRoles = {
    [writerLogin.role]: roleOf(writerLogin.serviceAccount, reserved.policy),
    [readerLogin.role]: roleOf(readerLogin.serviceAccount, reserved.readerPolicy),
  };
  return [
    policyOf(reserved.policy, fullAccess),
    policyOf(reserved.readerPolicy, readAccess),
    {
      kind: mountKinds.auth,
      path: mount,
      desired: { type: "kubernetes", description: "the login of vault-hooks itself", tune },
      at: builtIn,
    },
    ...(config?.compile({ kubernetes_host: kubernetesHost }, place) ?? []),
    ...(roles?.compile(declaredRoles, place) ?? []),
  ];
}
