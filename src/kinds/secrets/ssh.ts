import { single } from "../model/section.ts";
import { bool, duration, int, json, map, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { sshCa, sshCaKind } from "./ssh-ca.ts";

const role = object("which keys are signed or codes given", {
  key_type: string("a CA's signature, or a one-time password", { required: true, values: ["ca", "otp"] }),
  default_user: string("user name where none is asked for"),
  default_user_template: bool("it holds an identity template"),
  allowed_users: string("user names, with commas between them; * is any"),
  allowed_users_template: bool("they hold identity templates"),
  allowed_domains: string("domains of hosts, with commas between them"),
  allowed_domains_template: bool("they hold identity templates"),
  allow_bare_domains: bool("the domains themselves"),
  allow_subdomains: bool("their subdomains"),
  allow_user_certificates: bool("sign keys of users"),
  allow_host_certificates: bool("sign keys of hosts"),
  allow_empty_principals: bool("sign keys for no principal, which means any"),
  allow_user_key_ids: bool("the caller may choose the key's id"),
  key_id_format: string("template of the key's id"),
  allowed_critical_options: string("critical options, with commas between them"),
  allowed_extensions: string("extensions, with commas between them"),
  default_critical_options: map("critical options where none are asked for"),
  default_extensions: map("extensions where none are asked for"),
  default_extensions_template: bool("they hold identity templates"),
  allowed_user_key_lengths: json("lengths by type of key: {rsa: [2048, 4096]}", { numbers: true }),
  algorithm_signer: string("algorithm of signatures", {
    values: ["default", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"],
  }),
  issuer_ref: string("the CA that signs, by name or id (OpenBao)"),
  ttl: duration("how long a signature is valid"),
  max_ttl: duration("how long at most"),
  not_before_duration: duration("how long before now it begins"),
  port: int("port of SSH, for otp", { min: 1, max: 65_535 }),
  cidr_list: string("addresses of hosts, for otp, with commas between them"),
  exclude_cidr_list: string("addresses that are not, for otp, with commas between them"),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/ssh */
export const ssh = engine("secrets", "ssh", "signed SSH keys, or one-time passwords", {
  ca: single(sshCa, sshCaKind),
  roles: named("role", { kind: "SSH role", path: "roles", replaces: true, after: () => ["config/ca"], spec: role }),
});
