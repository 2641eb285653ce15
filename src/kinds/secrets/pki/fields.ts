import { bool, duration, int, list, object, string } from "../../model/spec.ts";

const subject = {
  ou: list("organizational units"),
  organization: list("organizations"),
  country: list("countries"),
  locality: list("localities"),
  province: list("provinces"),
  street_address: list("street addresses"),
  postal_code: list("postal codes"),
};

const allowed = {
  allowed_domains: list("domains that may be certified"),
  allowed_domains_template: bool("they may hold identity templates"),
  allow_bare_domains: bool("the domains themselves"),
  allow_subdomains: bool("their subdomains"),
  allow_glob_domains: bool("domains with * in them"),
  allow_wildcard_certificates: bool("certificates with * in a name"),
  allow_any_name: bool("any name"),
  allow_localhost: bool("localhost"),
  allow_ip_sans: bool("IP addresses"),
  allowed_uri_sans: list("URIs"),
  allowed_uri_sans_template: bool("they may hold identity templates"),
  allowed_other_sans: list("other names, as OID;UTF8:value"),
  allowed_serial_numbers: list("serial numbers of subjects"),
  allowed_user_ids: list("user ids of subjects"),
  enforce_hostnames: bool("names must be valid host names"),
  cn_validations: list("how the common name is checked"),
  require_cn: bool("a common name must be given"),
};

const usages = {
  server_flag: bool("for servers"),
  client_flag: bool("for clients"),
  code_signing_flag: bool("for signing code"),
  email_protection_flag: bool("for e-mail"),
  key_usage: list("key usages"),
  ext_key_usage: list("extended key usages"),
  ext_key_usage_oids: list("extended key usages by OID"),
  policy_identifiers: list("policies by OID"),
  basic_constraints_valid_for_non_ca: bool("mark basic constraints as valid"),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#create-update-role */
export const pkiRoleSpec = object("which certificates are given", {
  issuer_ref: string("the issuer, by name or id"),
  ttl: duration("how long a certificate is valid"),
  max_ttl: duration("how long at most"),
  not_before_duration: duration("how long before now it begins"),
  not_before: string("when it begins, as 2030-12-31T23:59:59Z (OpenBao)"),
  not_after: string("when it ends, as 2030-12-31T23:59:59Z"),
  not_before_bound: string("whether a caller may choose when it begins (Enterprise)"),
  not_after_bound: string("whether a caller may choose when it ends (Enterprise)"),
  ...allowed,
  ...usages,
  key_type: string("type of key", { values: ["rsa", "ec", "ed25519", "any"] }),
  key_bits: int("size of the key; 0 is the type's default", { min: 0, zeroIs: [2048, 256] }),
  signature_bits: int("size of the hash; 0 is the default", { min: 0, zeroIs: [256, 384, 512] }),
  use_pss: bool("sign with PSS where the key is RSA"),
  use_csr_common_name: bool("take the common name of a request"),
  use_csr_sans: bool("take the other names of a request"),
  serial_number_source: string("where the subject's serial number comes from", { values: ["json-csr", "json"] }),
  ...subject,
  generate_lease: bool("certificates have leases"),
  no_store: bool("certificates are not kept"),
  no_store_metadata: bool("their metadata is not kept (Enterprise)"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#update-issuer */
export const pkiIssuerSpec = object("one issuer that exists, by its name", {
  leaf_not_after_behavior: string("what happens to a certificate that would outlive the issuer", {
    values: ["err", "truncate", "permit", "always_enforce_err"],
  }),
  usage: list("what it may be used for"),
  revocation_signature_algorithm: string("algorithm that signs its CRL"),
  issuing_certificates: list("URLs of its certificate"),
  crl_distribution_points: list("URLs of its CRL"),
  delta_crl_distribution_points: list("URLs of its delta CRL"),
  ocsp_servers: list("URLs of OCSP"),
  enable_aia_url_templating: bool("the URLs hold templates"),
  // Vault tells ids, whatever it was given
  manual_chain: list("its chain, by names or ids of issuers", { ordered: true, writeOnly: true }),
});

const writtenOnce = { writeOnly: true, createOnly: true };
const madeWith = { createOnly: true };

/** What a CA is made with. Vault can change none of it later; what its certificate tells is compared, the rest is remembered. */
export const pkiAuthorityFields = {
  issuer_name: string("name of the issuer"),
  common_name: string("name of the CA", { required: true, createOnly: true }),
  organization: list("organizations", madeWith),
  ou: list("organizational units", madeWith),
  country: list("countries", madeWith),
  locality: list("localities", madeWith),
  province: list("provinces", madeWith),
  street_address: list("street addresses", madeWith),
  postal_code: list("postal codes", madeWith),
  key_type: string("type of key", { createOnly: true, values: ["rsa", "ec", "ed25519"] }),
  key_bits: int("size of the key", { createOnly: true, min: 224 }),
  key_name: string("name of the key", writtenOnce),
  type: string("where the key is", { ...writtenOnce, values: ["internal", "kms"] }),
  managed_key_name: string("name of the managed key, for kms (Enterprise)", writtenOnce),
  managed_key_id: string("id of the managed key, for kms (Enterprise)", writtenOnce),
  ttl: duration("how long the CA is valid", writtenOnce),
  not_after: string("when it ends, as 2030-12-31T23:59:59Z", writtenOnce),
  not_before_duration: duration("how long before now it begins", writtenOnce),
  alt_names: string("further names, with commas between them", writtenOnce),
  ip_sans: list("IP addresses", writtenOnce),
  uri_sans: list("URIs", writtenOnce),
  other_sans: list("other names, as OID;UTF8:value", writtenOnce),
  serial_number: string("serial number of the subject", writtenOnce),
  exclude_cn_from_sans: bool("the common name is in no other place", writtenOnce),
  key_usage: list("key usages besides CertSign and CRLSign", writtenOnce),
  signature_bits: int("size of the hash", { ...writtenOnce, min: 0 }),
  use_pss: bool("sign with PSS where the key is RSA", writtenOnce),
  max_path_length: int("how many CAs may follow; -1 is any", writtenOnce),
  permitted_dns_domains: list("domains that it may certify", writtenOnce),
  excluded_dns_domains: list("domains that it may not certify", writtenOnce),
  permitted_ip_ranges: list("IP ranges that it may certify", writtenOnce),
  excluded_ip_ranges: list("IP ranges that it may not certify", writtenOnce),
  permitted_email_addresses: list("e-mail addresses that it may certify", writtenOnce),
  excluded_email_addresses: list("e-mail addresses that it may not certify", writtenOnce),
  permitted_uri_domains: list("domains of URIs that it may certify", writtenOnce),
  excluded_uri_domains: list("domains of URIs that it may not certify", writtenOnce),
};
