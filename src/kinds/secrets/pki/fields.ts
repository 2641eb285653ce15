import { bool, cidrs, duration, int, list, object, string } from "../../model/spec.ts";

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
  allowed_domains: list("allowed domains"),
  allowed_domains_template: bool("allowed_domains contains identity templates"),
  allow_bare_domains: bool("allow the domains themselves"),
  allow_subdomains: bool("allow subdomains of the domains"),
  allow_glob_domains: bool("allow globs in the domains"),
  allow_wildcard_certificates: bool("allow wildcard certificates"),
  allow_any_name: bool("allow any name"),
  allow_localhost: bool("allow localhost"),
  allow_ip_sans: bool("allow IP SANs"),
  allowed_ip_sans_cidr: cidrs("networks of allowed IP SANs; any if empty (OpenBao)"),
  allowed_uri_sans: list("allowed URI SANs"),
  allowed_uri_sans_template: bool("allowed_uri_sans contains identity templates"),
  allow_globs_in_identity_templates: bool("values of the identity templates may contain * (OpenBao)"),
  allowed_other_sans: list("allowed other SANs, each as OID;UTF8:value"),
  allowed_serial_numbers: list("allowed serial numbers of subjects"),
  allowed_user_ids: list("allowed user IDs of subjects"),
  enforce_hostnames: bool("names must be valid host names"),
  cn_validations: list("validations of the common name"),
  require_cn: bool("require a common name"),
};

const usages = {
  server_flag: bool("for server authentication"),
  client_flag: bool("for client authentication"),
  code_signing_flag: bool("for code signing"),
  email_protection_flag: bool("for email protection"),
  key_usage: list("key usages"),
  ext_key_usage: list("extended key usages"),
  ext_key_usage_oids: list("OIDs of extended key usages"),
  policy_identifiers: list("policy OIDs"),
  basic_constraints_valid_for_non_ca: bool("mark basic constraints as valid"),
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#create-update-role */
export const pkiRoleSpec = object("the certificates that the role issues", {
  issuer_ref: string("issuer, by name or ID"),
  ttl: duration("default TTL of certificates"),
  max_ttl: duration("maximum TTL of certificates"),
  not_before_duration: duration("how far to backdate certificates"),
  not_before: string("fixed start, such as 2030-12-31T23:59:59Z (OpenBao)"),
  not_after: string("fixed expiry, such as 2030-12-31T23:59:59Z"),
  not_before_bound: string("whether a caller may choose the start (Enterprise)"),
  not_after_bound: string("whether a caller may choose the expiry (Enterprise)"),
  ...allowed,
  ...usages,
  key_type: string("key type", { values: ["rsa", "ec", "ed25519", "any"] }),
  key_bits: int("key size; 0 is the type's default", { min: 0, zeroIs: [2048, 256] }),
  signature_bits: int("signature hash size; 0 is the default", { min: 0, zeroIs: [256, 384, 512] }),
  use_pss: bool("use PSS signatures with RSA issuers"),
  use_csr_common_name: bool("use the common name of the CSR"),
  use_csr_sans: bool("use the SANs of the CSR"),
  serial_number_source: string("source of the subject's serial number", { values: ["json-csr", "json"] }),
  ...subject,
  generate_lease: bool("attach leases to certificates"),
  no_store: bool("do not store certificates"),
  no_store_metadata: bool("do not store certificate metadata (Enterprise)"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/pki#update-issuer */
export const pkiIssuerSpec = object("an existing issuer, by its name", {
  leaf_not_after_behavior: string("behaviour for certificates that would outlive the issuer", {
    values: ["err", "truncate", "permit", "always_enforce_err"],
  }),
  usage: list("allowed usages"),
  revocation_signature_algorithm: string("signature algorithm of CRLs"),
  issuing_certificates: list("URLs of the CA certificate"),
  crl_distribution_points: list("URLs of the CRL"),
  delta_crl_distribution_points: list("URLs of the delta CRL"),
  ocsp_servers: list("URLs of OCSP servers"),
  enable_aia_url_templating: bool("URLs contain templates"),
  // Vault always returns IDs
  manual_chain: list("chain, as names or IDs of issuers", { ordered: true, writeOnly: true }),
});

const writtenOnce = { writeOnly: true, createOnly: true };
const createOnly = { createOnly: true };

/** Fields of a new CA, which Vault cannot change later. Those in its certificate are compared; the others are write-only. */
export const pkiAuthorityFields = {
  issuer_name: string("name of the issuer"),
  common_name: string("common name", { required: true, createOnly: true }),
  organization: list("organizations", createOnly),
  ou: list("organizational units", createOnly),
  country: list("countries", createOnly),
  locality: list("localities", createOnly),
  province: list("provinces", createOnly),
  street_address: list("street addresses", createOnly),
  postal_code: list("postal codes", createOnly),
  key_type: string("key type", { createOnly: true, values: ["rsa", "ec", "ed25519"] }),
  key_bits: int("key size", { createOnly: true, min: 224 }),
  key_name: string("name of the key", writtenOnce),
  type: string("type of key storage", { ...writtenOnce, values: ["internal", "kms"] }),
  managed_key_name: string("name of the managed key, for kms (Enterprise)", writtenOnce),
  managed_key_id: string("ID of the managed key, for kms (Enterprise)", writtenOnce),
  ttl: duration("TTL of the CA certificate", writtenOnce),
  not_after: string("fixed expiry, such as 2030-12-31T23:59:59Z", writtenOnce),
  not_before_duration: duration("how far to backdate the CA certificate", writtenOnce),
  alt_names: string("alternative names, comma-separated", writtenOnce),
  ip_sans: list("IP SANs", writtenOnce),
  uri_sans: list("URI SANs", writtenOnce),
  other_sans: list("other SANs, each as OID;UTF8:value", writtenOnce),
  serial_number: string("serial number of the subject", writtenOnce),
  exclude_cn_from_sans: bool("do not add the common name to the SANs", writtenOnce),
  key_usage: list("key usages besides CertSign and CRLSign", writtenOnce),
  signature_bits: int("signature hash size", { ...writtenOnce, min: 0 }),
  use_pss: bool("use PSS signatures with an RSA key", writtenOnce),
  max_path_length: int("maximum number of CAs below; -1 is unlimited", writtenOnce),
  permitted_dns_domains: list("permitted DNS domains", writtenOnce),
  excluded_dns_domains: list("excluded DNS domains", writtenOnce),
  permitted_ip_ranges: list("permitted IP ranges", writtenOnce),
  excluded_ip_ranges: list("excluded IP ranges", writtenOnce),
  permitted_email_addresses: list("permitted email addresses", writtenOnce),
  excluded_email_addresses: list("excluded email addresses", writtenOnce),
  permitted_uri_domains: list("permitted URI domains", writtenOnce),
  excluded_uri_domains: list("excluded URI domains", writtenOnce),
};
