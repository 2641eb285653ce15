import { bool, duration, json, list, map, object, string } from "../model/spec.ts";
import { type Engine, engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const config = {
  oidc_discovery_url: string("the provider's address, without .well-known"),
  oidc_discovery_ca_pem: string("PEM certificates to trust there"),
  oidc_client_id: string("the id that the provider gave"),
  oidc_client_secret: string("the secret that the provider gave", { writeOnly: true }),
  oidc_response_mode: string("how the provider answers", { values: ["query", "form_post"] }),
  oidc_response_types: list("what the provider is asked for"),
  jwks_url: string("where the keys that sign tokens are"),
  jwks_ca_pem: string("PEM certificates to trust there"),
  jwks_pairs: json("several of these, each with jwks_url and jwks_ca_pem"),
  jwt_validation_pubkeys: list("the keys that sign tokens, in PEM"),
  jwt_supported_algs: list("algorithms that may sign"),
  bound_issuer: string("the issuer that a token must have"),
  default_role: string("the role of who names none"),
  provider_config: json("what a provider needs beyond OIDC", { partial: true, secret: true }),
  override_allowed_server_names: list("names that a provider's certificate may have instead (OpenBao)"),
  skip_jwks_validation: bool("keep it also where the provider does not answer (OpenBao)", { writeOnly: true }),
  namespace_in_state: bool("the namespace travels in OIDC's state"),
  unsupported_critical_cert_extensions: list("certificate extensions to overlook"),
};

/** Vault takes one of these, and neither a client nor an issuer with those that have none. */
const alternatives = [
  [
    ["oidc_discovery_url", "oidc_discovery_ca_pem", "oidc_client_id"],
    ["jwks_url", "jwks_ca_pem"],
    ["jwks_pairs"],
    ["jwt_validation_pubkeys"],
  ],
  [["bound_issuer"], ["jwks_pairs"]],
] as const;

const role = {
  role_type: string("log in by browser, or by a token", { values: ["oidc", "jwt"] }),
  user_claim: string("the claim that names the entity's alias", { required: true }),
  user_claim_json_pointer: bool("that claim is a JSON pointer"),
  bound_audiences: list("audiences, one of which a token must have"),
  bound_subject: string("the subject that a token must have"),
  bound_claims: json("claims that a token must have: a value, or a list of them, by claim"),
  bound_claims_type: string("how they are compared", { values: ["string", "glob"] }),
  groups_claim: string("the claim that names groups"),
  claim_mappings: map("the metadata that each claim becomes"),
  clock_skew_leeway: duration("how far clocks may differ; 0 is the default of 60 s"),
  expiration_leeway: duration("how long after its end a token counts; 0 is the default of 150 s"),
  not_before_leeway: duration("how long before its begin a token counts; 0 is the default of 150 s"),
  allowed_redirect_uris: list("where a browser may be sent back to"),
  oidc_scopes: list("scopes to ask for besides openid"),
  max_age: duration("how long ago a person may have logged in at the provider"),
  verbose_oidc_logging: bool("log the received tokens (never in production)"),
  ...tokenFields,
};

const sources = ["oidc_discovery_url", "jwks_url", "jwks_pairs", "jwt_validation_pubkeys"];

/** Both types are one plugin of Vault; each may hold roles of the other's. */
function method(type: "jwt" | "oidc", name: string, describe: string): Engine {
  return engine("auth", type, describe, {
    config: single({
      kind: `${name} auth config`,
      path: "config",
      replaces: true,
      spec: object("where tokens come from, and what shows that they are genuine", config, {
        exclusive: alternatives,
        someOf: [sources],
      }),
    }),
    roles: named("role", {
      kind: `${name} auth role`,
      path: "role",
      folds: true,
      replaces: true,
      spec: object("who may log in, and what they get", role, { aliases: tokenAliases }),
    }),
  });
}

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt */
export const jwt = method("jwt", "JWT", "logins by signed tokens");
export const oidc = method("oidc", "OIDC", "logins of people by OpenID Connect");
