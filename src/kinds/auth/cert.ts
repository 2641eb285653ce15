import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/cert */
export const cert = engine("auth", "cert", "logins by TLS client certificates", {
  config: single({
    kind: "certificate auth config",
    path: "config",
    replaces: true,
    spec: object("for all of its certificates", {
      disable_binding: bool("a token may be renewed with another certificate"),
      enable_identity_alias_metadata: bool("the alias keeps metadata of the certificate"),
      enable_metadata_on_failures: bool("tell of the certificate where it is refused"),
      ocsp_cache_size: int("how many OCSP answers to keep", { min: 2 }),
      role_cache_size: int("how many parsed roles to keep; -1 is none"),
    }),
  }),
  certs: named("certificate", {
    kind: "certificate auth role",
    path: "certs",
    folds: true,
    spec: object(
      "a certificate or its CA: who may log in, and what they get",
      {
        certificate: string("PEM certificate of a client, or of the CA that signed clients'", { required: true }),
        display_name: string("what its tokens are called"),
        allowed_names: list("names that a client's certificate may have"),
        allowed_common_names: list("common names that it may have"),
        allowed_dns_sans: list("DNS names that it may have"),
        allowed_email_sans: list("addresses that it may have"),
        allowed_uri_sans: list("URIs that it may have"),
        allowed_organizations: list("organisations that it may have"),
        allowed_organizational_units: list("units that it may have"),
        required_extensions: list("extensions that it must have: OID:value"),
        allowed_metadata_extensions: list("extensions that become metadata"),
        ocsp_enabled: bool("ask whether it was revoked"),
        ocsp_ca_certificates: string("PEM certificates to trust there"),
        ocsp_servers_override: list("servers to ask instead of the certificate's"),
        ocsp_fail_open: bool("no answer counts as not revoked"),
        ocsp_query_all_servers: bool("ask all of them"),
        ocsp_max_retries: int("how often to ask again", { min: 0 }),
        ocsp_this_update_max_age: duration("how old an answer may be; 0 is any age"),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
