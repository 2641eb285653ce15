import { single } from "../model/section.ts";
import { bool, duration, int, map, numberLists, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { sshCa, sshCaKind } from "./ssh-ca.ts";

const role = object("the certificates or one-time passwords that the role issues", {
  key_type: string("sign keys (ca) or issue one-time passwords (otp)", { required: true, values: ["ca", "otp"] }),
  default_user: string("default username"),
  default_user_template: bool("default_user contains identity templates"),
  allowed_users: string("allowed usernames, comma-separated; * is any"),
  allowed_users_template: bool("allowed_users contains identity templates"),
  allowed_domains: string("allowed domains of hosts, comma-separated"),
  allowed_domains_template: bool("allowed_domains contains identity templates"),
  allow_commas_in_identity_templates: bool("values of these identity templates may contain a comma (OpenBao)"),
  allow_wildcards_in_identity_templates: bool("values of these identity templates may contain * (OpenBao)"),
  allow_bare_domains: bool("allow the domains themselves"),
  allow_subdomains: bool("allow subdomains of the domains"),
  allow_user_certificates: bool("sign user certificates"),
  allow_host_certificates: bool("sign host certificates"),
  allow_empty_principals: bool("sign certificates without principals, which are valid for any"),
  allow_user_key_ids: bool("the caller may set the key ID"),
  key_id_format: string("template of the key ID"),
  allowed_critical_options: string("allowed critical options, comma-separated"),
  allowed_extensions: string("allowed extensions, comma-separated"),
  default_critical_options: map("default critical options"),
  default_extensions: map("default extensions"),
  default_extensions_template: bool("default_extensions contains identity templates"),
  allowed_user_key_lengths: numberLists("allowed key lengths per key type: {rsa: [2048, 4096]}"),
  algorithm_signer: string("signature algorithm", {
    values: ["default", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"],
  }),
  issuer_ref: string("issuer that signs, by name or ID (OpenBao)"),
  ttl: duration("default TTL of certificates"),
  max_ttl: duration("maximum TTL of certificates"),
  not_before_duration: duration("how far to backdate certificates"),
  port: int("SSH port, for otp", { min: 1, max: 65_535 }),
  cidr_list: string("allowed CIDR blocks of hosts, for otp, comma-separated"),
  exclude_cidr_list: string("excluded CIDR blocks of hosts, for otp, comma-separated"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/ssh */
export const ssh = engine("secrets", "ssh", "signed SSH certificates and one-time passwords", {
  ca: single(sshCa, sshCaKind),
  roles: named("role", {
    kind: "SSH role",
    path: "roles",
    writeReplacesAll: true,
    after: () => ["config/ca"],
    spec: role,
  }),
});
