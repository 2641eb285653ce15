import type { Vault } from "../../../../src/vault/client.ts";
import type { KindCase } from "../harness/fixture.ts";

const id = "not: it is an ID that Vault assigns";
const alias = { mount_accessor: "not: it identifies the alias", canonical_id: "not: it identifies the owner" };

export const cases: readonly KindCase[] = [
  {
    example: "identity",
    requiredFields: {
      "identity/entity/name/dora/alias/auth/corporate": ["mount_accessor", "canonical_id"],
      "identity/entity/name/dora/alias/auth/partner": ["mount_accessor", "canonical_id"],
      "identity/group/name/contractors/alias": ["mount_accessor", "canonical_id"],
    },
    alter: {
      "identity/entity/name/dora/alias/auth/corporate": alias,
      "identity/entity/name/dora/alias/auth/partner": alias,
      "identity/group/name/contractors/alias": { ...alias, mount_accessor: "not: the mount must exist" },
      "identity/group/name/platform": { member_entity_ids: [], member_group_ids: [] },
    },
    byHand: [
      {
        path: "identity/entity/name/dora/alias/auth/partner",
        alter: async (vault) =>
          await vault.delete(`identity/entity-alias/id/${await aliasOf(vault, "dora@example.org")}`),
      },
    ],
  },
  {
    example: "oidc-provider",
    preexisting: ["identity/oidc/config"],
    alter: {
      "identity/oidc/assignment/app-users": { entity_ids: [], group_ids: [] },
      "identity/oidc/client/app": { assignments: ["allow_all"] },
      "identity/oidc/config": { issuer: "https://other.example.org" },
      "identity/oidc/key/apps/allowed_clients": { allowed_client_ids: ["*"] },
      "identity/oidc/provider/apps": {
        issuer: "https://other.example.org",
        scopes_supported: [],
        allowed_client_ids: ["*"],
      },
      "identity/oidc/role/service": { key: "default", template: '{"other": {{identity.entity.groups.names}}}' },
      "identity/oidc/scope/groups": { template: '{"other": {{identity.entity.groups.names}}}' },
    },
  },
  {
    example: "mfa",
    alter: {
      "identity/mfa/login-enforcement/careful": {
        mfa_method_ids: id,
        auth_method_accessors: [],
        auth_method_types: ["token"],
        identity_group_ids: [],
        identity_entity_ids: [],
      },
      "identity/mfa/method/codes": { skew: 0, digits: 8 },
    },
    byHand: [
      {
        path: "identity/mfa/login-enforcement/careful",
        alter: async (vault) =>
          await vault.write("identity/mfa/login-enforcement/careful", {
            mfa_method_ids: [await methodOf(vault, "okta")],
            auth_method_types: ["userpass"],
          }),
      },
    ],
  },
  {
    example: "accessor",
    unsupportedFields: { bao: { "sys/mounts/home": ["tune.delegated_auth_accessors"] } },
  },
];

type Named = { readonly id: string; readonly name: string };

async function aliasOf(vault: Vault, name: string): Promise<string> {
  const { data } = (await vault.read("identity/entity/name/dora")) ?? {};
  const { aliases } = data as { aliases: Named[] };
  return aliases.find((each) => each.name === name)?.id ?? "";
}

async function methodOf(vault: Vault, name: string): Promise<string> {
  const { data } = (await vault.read("identity/mfa/method?list=true")) ?? {};
  const { key_info } = data as { key_info: Record<string, Named> };
  return Object.values(key_info).find((each) => each.name === name)?.id ?? "";
}
