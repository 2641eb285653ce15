import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/cert */
export const cert = engine("auth", "cert", "login with a TLS client certificate", {
  config: single({
    kind: "certificate auth config",
    path: "config",
    writeReplacesAll: true,
    spec: object("settings for all certificates", {
      disable_binding: bool("a token may be renewed with a different certificate"),
      enable_identity_alias_metadata: bool("store certificate metadata in the alias"),
      enable_metadata_on_failures: bool("return certificate metadata when a login fails"),
      ocsp_cache_size: int("number of cached OCSP responses", { min: 2 }),
      role_cache_size: int("number of cached roles; -1 disables the cache"),
    }),
  }),
  certs: named("certificate", {
    kind: "certificate auth role",
    path: "certs",
    caseInsensitive: true,
    spec: object(
      "a trusted certificate or CA: who may log in, and the token they get",
      {
        certificate: string("PEM certificate of a client, or of the CA that signs client certificates", {
          required: true,
        }),
        display_name: string("display name of tokens"),
        allowed_names: list("allowed common names, DNS names and email addresses"),
        allowed_common_names: list("allowed common names"),
        allowed_dns_sans: list("allowed DNS names"),
        allowed_email_sans: list("allowed email addresses"),
        allowed_uri_sans: list("allowed URIs"),
        allowed_organizations: list("allowed organizations"),
        allowed_organizational_units: list("allowed organizational units"),
        required_extensions: list("required extensions, each as OID:value"),
        allowed_metadata_extensions: list("OIDs of extensions added to the metadata"),
        ocsp_enabled: bool("check revocation with OCSP"),
        ocsp_ca_certificates: string("PEM CA certificates for OCSP responses"),
        ocsp_servers_override: list("OCSP servers used instead of the certificate's"),
        ocsp_fail_open: bool("accept the certificate if no OCSP server answers"),
        ocsp_query_all_servers: bool("query all OCSP servers"),
        ocsp_max_retries: int("maximum retries of an OCSP request", { min: 0 }),
        ocsp_this_update_max_age: duration("maximum age of an OCSP response; 0 is unlimited"),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
