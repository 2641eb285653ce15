import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { duration, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const secretType = string("what is given", { values: ["access_token", "service_account_key"], createOnly: true });
const scopes = list("OAuth scopes of access tokens");
const account = string("email of the service account", { required: true, createOnly: true });

/** Vault tells bindings as a map of what it read from the HCL, so they count as written only. */
const bindings = string("bindings in HCL or JSON", { writeOnly: true });

/** @see https://developer.hashicorp.com/vault/api-docs/secret/gcp */
export const gcpSecrets = engine("secrets", "gcp", "service account keys and tokens of Google Cloud", {
  config: single({
    kind: "GCP config",
    path: "config",
    spec: object("how Vault logs in to Google Cloud", {
      credentials: string("JSON key of a service account; unset: that of Vault's environment", { writeOnly: true }),
      ttl: duration("lease of keys"),
      max_ttl: duration("longest lease"),
      service_account_email: string("service account to act as (Enterprise)"),
      ...identityTokenFields,
      ...rotationFields,
    }),
  }),
  rolesets: named("roleset", {
    kind: "GCP roleset",
    path: "roleset",
    after: () => ["config"],
    spec: object("a service account that Vault makes", {
      project: string("name of the project", { required: true, createOnly: true }),
      secret_type: secretType,
      bindings,
      token_scopes: scopes,
    }),
  }),
  static_accounts: named("static account", {
    kind: "GCP static account",
    path: "static-account",
    after: () => ["config"],
    spec: object("a service account that exists", {
      service_account_email: account,
      secret_type: secretType,
      bindings,
      token_scopes: scopes,
    }),
  }),
  impersonated_accounts: named("impersonated account", {
    kind: "GCP impersonated account",
    path: "impersonated-account",
    after: () => ["config"],
    spec: object("a service account that Vault acts as", {
      service_account_email: account,
      token_scopes: scopes,
      ttl: duration("how long a token lives"),
    }),
  }),
});
