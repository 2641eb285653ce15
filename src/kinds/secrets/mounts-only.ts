import { type Engine, engine } from "../mount/engine.ts";

/** Engines that are mounted and tuned as any other; what they hold is declared under `raw`. */
const others: Readonly<Record<string, string>> = {
  ad: "passwords of Active Directory (removed from newer Vaults)",
  alicloud: "credentials of Alibaba Cloud",
  gcpkms: "keys of Google Cloud KMS",
  keymgmt: "keys of cloud providers (Enterprise)",
  kmip: "KMIP (Enterprise)",
  ldap: "passwords of LDAP",
  mongodbatlas: "credentials of MongoDB Atlas",
  openldap: "passwords of LDAP, by its older name",
  terraform: "tokens of HCP Terraform",
  transform: "transformations of data (Enterprise)",
};

/** @see https://developer.hashicorp.com/vault/docs/secrets */
export const otherSecrets: readonly Engine[] = Object.entries(others).map(([type, describe]) =>
  engine("secrets", type, describe, {}),
);
