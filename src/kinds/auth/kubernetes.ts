import { bool, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes */
export const kubernetesAuth = engine("auth", "kubernetes", "logins by ServiceAccount tokens", {
  config: single({
    kind: "Kubernetes auth config",
    path: "config",
    replaces: true,
    spec: object("where the Kubernetes API is, and how Vault asks it about tokens", {
      kubernetes_host: string("URL of the Kubernetes API, as Vault sees it", { required: true }),
      kubernetes_ca_cert: string("PEM certificates of the API; unset: those of Vault's own pod"),
      token_reviewer_jwt: string("the token to review others with; unset: that of Vault's own pod", {
        writeOnly: true,
      }),
      pem_keys: list("public keys in PEM that sign tokens, where the API is not asked"),
      issuer: string("issuer of tokens (deprecated)"),
      disable_iss_validation: bool("do not check the issuer (deprecated)"),
      disable_local_ca_jwt: bool("do not use the CA and token of Vault's own pod"),
      use_annotations_as_alias_metadata: bool("take alias metadata from the ServiceAccount's annotations"),
    }),
  }),
  roles: named("role", {
    kind: "Kubernetes auth role",
    path: "role",
    folds: true,
    spec: object(
      "which ServiceAccounts may log in, and what they get",
      {
        bound_service_account_names: list("names of ServiceAccounts; * is any", { required: true }),
        bound_service_account_namespaces: list("their namespaces; * is any"),
        bound_service_account_namespace_selector: string("a label selector of namespaces, in JSON or YAML"),
        audience: string("the audience that a token must have"),
        alias_name_source: string("what names the entity's alias", {
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
