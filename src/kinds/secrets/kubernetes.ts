import { bool, duration, list, map, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const role = {
  allowed_kubernetes_namespaces: list("allowed namespaces; * allows any"),
  allowed_kubernetes_namespace_selector: string("label selector of allowed namespaces, in JSON or YAML"),
  service_account_name: string("existing ServiceAccount"),
  kubernetes_role_name: string("existing Role or ClusterRole"),
  kubernetes_role_type: string("type of kubernetes_role_name and generated roles", { values: ["Role", "ClusterRole"] }),
  generated_role_rules: string("rules of a role that Vault creates, in JSON or YAML"),
  name_template: string("template of the names of generated objects"),
  token_default_ttl: duration("default TTL of tokens"),
  token_max_ttl: duration("maximum TTL of tokens"),
  token_default_audiences: list("default audiences of tokens"),
  extra_annotations: map("annotations of generated objects"),
  extra_labels: map("labels of generated objects"),
};

/** These are mutually exclusive in Vault. */
const alternatives = [[["service_account_name"], ["kubernetes_role_name"], ["generated_role_rules"]]] as const;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kubernetes */
export const kubernetesSecrets = engine("secrets", "kubernetes", "ServiceAccount tokens", {
  config: single({
    kind: "Kubernetes secrets config",
    path: "config",
    writeReplacesAll: true,
    spec: object("how Vault connects to the Kubernetes API", {
      kubernetes_host: string("URL of the Kubernetes API; unset: the API of Vault's own cluster"),
      kubernetes_ca_cert: string("PEM CA certificates of the API; unset: the CA of Vault's pod"),
      service_account_jwt: string("token of a ServiceAccount; unset: the token of Vault's pod", { writeOnly: true }),
      disable_local_ca_jwt: bool("do not use the CA and token of Vault's pod"),
    }),
  }),
  roles: named("role", {
    kind: "Kubernetes secrets role",
    path: "roles",
    caseInsensitive: true,
    spec: object("the tokens that the role issues", role, { exclusive: alternatives }),
  }),
});
