import { bool, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes */
export const kubernetesAuth = engine("auth", "kubernetes", "login with a ServiceAccount token", {
  config: single({
    kind: "Kubernetes auth config",
    path: "config",
    writeReplacesAll: true,
    spec: object("how Vault reaches the Kubernetes API and reviews tokens", {
      kubernetes_host: string("URL of the Kubernetes API, as seen from Vault", { required: true }),
      kubernetes_ca_cert: string("PEM CA certificates of the API; unset: the CA of Vault's pod"),
      token_reviewer_jwt: string("ServiceAccount token for TokenReview; unset: the token of Vault's pod", {
        writeOnly: true,
      }),
      pem_keys: list("PEM public keys that verify tokens without the API"),
      issuer: string("issuer of tokens (deprecated)"),
      disable_iss_validation: bool("do not check the issuer (deprecated)"),
      disable_local_ca_jwt: bool("do not use the CA and token of Vault's pod"),
      use_annotations_as_alias_metadata: bool("copy ServiceAccount annotations to alias metadata"),
    }),
  }),
  roles: named("role", {
    kind: "Kubernetes auth role",
    path: "role",
    caseInsensitive: true,
    spec: object(
      "which ServiceAccounts may log in, and the token they get",
      {
        bound_service_account_names: list("ServiceAccount names; * is any", { required: true }),
        bound_service_account_namespaces: list("ServiceAccount namespaces; * is any"),
        bound_service_account_namespace_selector: string("label selector of namespaces, in JSON or YAML"),
        audience: string("required audience"),
        alias_name_source: string("name of the entity alias", {
          values: ["serviceaccount_uid", "serviceaccount_name"],
        }),
        ...tokenFields,
      },
      {
        aliases: tokenAliases,
        someOf: [["bound_service_account_namespaces", "bound_service_account_namespace_selector"]],
      },
    ),
  }),
});
