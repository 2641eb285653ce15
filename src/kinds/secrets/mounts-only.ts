import { type Engine, engine } from "../mount/engine.ts";

/** Engines that can be mounted and tuned. Their objects are declared under `raw`. */
const others: Readonly<Record<string, string>> = {
  ad: "Active Directory passwords (removed in newer versions of Vault)",
  alicloud: "Alibaba Cloud credentials",
  gcpkms: "Google Cloud KMS keys",
  keymgmt: "key management: keys in cloud KMS providers (Enterprise)",
  kmip: "KMIP server (Enterprise)",
  ldap: "LDAP passwords (not built into OpenBao since 2.7)",
  mongodbatlas: "MongoDB Atlas API keys",
  openldap: "LDAP passwords, older name of ldap",
  terraform: "HCP Terraform tokens",
  transform: "data transformation (Enterprise)",
};

/** @see https://developer.hashicorp.com/vault/docs/secrets */
export const otherSecrets: readonly Engine[] = Object.entries(others).map(([type, describe]) =>
  engine("secrets", type, describe, {}),
);
