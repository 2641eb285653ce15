import { identityTokenFields, rotationFields } from "../model/rotation.ts";
import { duration, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const secretType = string("type of secret", { values: ["access_token", "service_account_key"], createOnly: true });
const scopes = list("OAuth scopes of access tokens");
const account = string("email address of the service account", { required: true, createOnly: true });

/** Vault returns bindings as a map parsed from the HCL, so they are compared as write-only. */
const bindings = string("IAM role bindings, in HCL or JSON", { writeOnly: true, isHcl: true });

/** @see https://developer.hashicorp.com/vault/api-docs/secret/gcp */
export const gcpSecrets = engine("secrets", "gcp", "Google Cloud service account keys and OAuth tokens", {
  config: single({
    kind: "GCP config",
    path: "config",
    spec: object("how Vault connects to Google Cloud", {
      credentials: string("JSON key of a service account; unset: credentials of Vault's environment", {
        writeOnly: true,
      }),
      ttl: duration("default lease of service account keys"),
      max_ttl: duration("maximum lease of service account keys"),
      service_account_email: string("service account to impersonate (Enterprise)"),
      ...identityTokenFields,
      ...rotationFields,
    }),
  }),
  rolesets: named("roleset", {
    kind: "GCP roleset",
    path: "roleset",
    after: () => ["config"],
    spec: object("a service account that Vault creates", {
      project: string("project of the service account", { required: true, createOnly: true }),
      secret_type: secretType,
      bindings,
      token_scopes: scopes,
    }),
  }),
  static_accounts: named("static account", {
    kind: "GCP static account",
    path: "static-account",
    after: () => ["config"],
    spec: object("an existing service account", {
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
    spec: object("a service account that Vault impersonates", {
      service_account_email: account,
      token_scopes: scopes,
      ttl: duration("TTL of access tokens"),
    }),
  }),
});
