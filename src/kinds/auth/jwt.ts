import type { Sections } from "../model/section.ts";
import { bool, duration, json, jsonMap, list, map, object, string } from "../model/spec.ts";
import { type Engine, engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const config = {
  oidc_discovery_url: string("discovery URL of the provider, without `.well-known`"),
  oidc_discovery_ca_pem: string("PEM CA certificates for the discovery URL"),
  oidc_client_id: string("OAuth client ID"),
  oidc_client_secret: string("OAuth client secret", { writeOnly: true }),
  oidc_response_mode: string("OAuth response mode", { values: ["query", "form_post"] }),
  oidc_response_types: list("OAuth response types"),
  jwks_url: string("JWKS URL of the keys that verify tokens"),
  jwks_ca_pem: string("PEM CA certificates for the JWKS URL"),
  jwks_pairs: json("several JWKS URLs, each with jwks_url and jwks_ca_pem"),
  jwt_validation_pubkeys: list("PEM public keys that verify tokens"),
  jwt_supported_algs: list("allowed signing algorithms"),
  bound_issuer: string("required issuer"),
  default_role: string("role of a login that names none"),
  provider_config: json("provider-specific settings", { partial: true, secret: true }),
  override_allowed_server_names: list("server names accepted in the provider's certificate (OpenBao)"),
  skip_jwks_validation: bool("accept the config even if the JWKS URL does not respond (OpenBao)", { writeOnly: true }),
  namespace_in_state: bool("pass the namespace in the OIDC state"),
  unsupported_critical_cert_extensions: list("critical certificate extensions to ignore"),
};

/** Vault accepts one source of keys. Some sources exclude the OIDC client or the issuer. */
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
  role_type: string("login by browser (oidc) or with a token (jwt)", { values: ["oidc", "jwt"] }),
  user_claim: string("claim for the name of the entity alias", { required: true }),
  user_claim_json_pointer: bool("user_claim is a JSON pointer"),
  bound_audiences: list("accepted audiences"),
  bound_subject: string("required subject"),
  bound_claims: json("required claims, each with a value or a list of values"),
  bound_claims_type: string("how bound_claims are compared", { values: ["string", "glob"] }),
  groups_claim: string("claim for the names of group aliases"),
  claim_mappings: map("claims copied to metadata, as claim: key"),
  clock_skew_leeway: duration("leeway for clock skew; 0 is the default of 60 s"),
  expiration_leeway: duration("leeway for expiry; 0 is the default of 150 s"),
  not_before_leeway: duration("leeway for not-before; 0 is the default of 150 s"),
  allowed_redirect_uris: list("allowed redirect URIs"),
  oidc_scopes: list("scopes requested besides openid"),
  max_age: duration("maximum time since the user logged in at the provider"),
  verbose_oidc_logging: bool("log received tokens (never in production)"),
  ...tokenFields,
};

const celRole = {
  cel_program: jsonMap("its `expression`, and its `variables`: a list of maps with name and expression", {
    required: true,
  }),
  message: string("error of a login that the program refuses"),
  bound_audiences: list("accepted audiences; a token without an audience is accepted too"),
  clock_skew_leeway: role.clock_skew_leeway,
  expiration_leeway: role.expiration_leeway,
  not_before_leeway: role.not_before_leeway,
};

const sources = ["oidc_discovery_url", "jwks_url", "jwks_pairs", "jwt_validation_pubkeys"];

/** Both types are the same Vault plugin, so each accepts roles of either type. */
function method(type: "jwt" | "oidc", name: string, describe: string, more: Sections = {}): Engine {
  return engine("auth", type, describe, {
    config: single({
      kind: `${name} auth config`,
      path: "config",
      writeReplacesAll: true,
      spec: object("where tokens come from, and how they are verified", config, {
        exclusive: alternatives,
        someOf: [sources],
      }),
    }),
    roles: named("role", {
      kind: `${name} auth role`,
      path: "role",
      caseInsensitive: true,
      writeReplacesAll: true,
      spec: object("who may log in, and the token they get", role, { aliases: tokenAliases }),
    }),
    ...more,
  });
}

/** @see https://openbao.org/api-docs/auth/jwt/ */
const celRoles = named("role", {
  kind: "JWT CEL role",
  path: "cel/role",
  writeReplacesAll: true,
  spec: object("a CEL program that decides who may log in, and makes the token (OpenBao)", celRole),
});

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt */
export const jwt = method("jwt", "JWT", "login with a signed JWT", { cel_roles: celRoles });
export const oidc = method("oidc", "OIDC", "browser login with OpenID Connect");
