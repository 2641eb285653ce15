import { bool, duration, list, map, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const role = {
  allowed_kubernetes_namespaces: list("namespaces; * is any"),
  allowed_kubernetes_namespace_selector: string("a label selector of namespaces, in JSON or YAML"),
  service_account_name: string("an existing ServiceAccount"),
  kubernetes_role_name: string("an existing Role or ClusterRole"),
  kubernetes_role_type: string("which of the two", { values: ["Role", "ClusterRole"] }),
  generated_role_rules: string("rules of a role that Vault makes, in JSON or YAML"),
  name_template: string("template of the names of what Vault makes"),
  token_default_ttl: duration("how long a token lives"),
  token_max_ttl: duration("how long a token lives at most"),
  token_default_audiences: list("audiences of tokens"),
  extra_annotations: map("annotations of what Vault makes"),
  extra_labels: map("labels of what Vault makes"),
};

/** Vault takes one of these. */
const alternatives = [[["service_account_name"], ["kubernetes_role_name"], ["generated_role_rules"]]] as const;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kubernetes */
export const kubernetesSecrets = engine("secrets", "kubernetes", "tokens of ServiceAccounts", {
  config: single({
    kind: "Kubernetes secrets config",
    path: "config",
    replaces: true,
    spec: object("where the Kubernetes API is", {
      kubernetes_host: string("URL of the Kubernetes API; unset: that of Vault's own pod"),
      kubernetes_ca_cert: string("PEM certificates of the API; unset: those of Vault's own pod"),
      service_account_jwt: string("Vault's token there; unset: that of Vault's own pod", { writeOnly: true }),
      disable_local_ca_jwt: bool("do not use the CA and token of Vault's own pod"),
    }),
  }),
  roles: named("role", {
    kind: "Kubernetes secrets role",
    path: "roles",
    folds: true,
    spec: object("which tokens are given", role, { exclusive: alternatives }),
  }),
});
