import { createHash } from "node:crypto";
import type { Vault } from "../../../../src/vault/client.ts";
import { type KindCase, unsupportedOn } from "../harness/fixture.ts";

const file = "not: the file must exist, with that hash";
const leases = "sys/quotas/lease-count/everything";

/** The content of `example-engine` in the test servers' plugin directory. */
export const plugin = "#!/bin/sh\nexit 0\n";
const hash = createHash("sha256").update(plugin).digest("hex");

const auditFile = "/vault/audit/audit.log";

export const cases: readonly KindCase[] = [
  {
    example: "audit",
    prepare: async (_, server) => ({ [auditFile]: server.auditFile }),
    alter: {
      "sys/audit/to-file": {
        type: "not: another type needs other options",
        options: { file_path: auditFile, log_raw: "true" },
      },
    },
  },
  { example: "password-policy" },
  {
    example: "openbao",
    unsupported: {
      vault: {
        path: "sys/policies/acl/openbao-own",
        error: /Vault \S+ did not keep allow_slashes_in_identity_templates, cas_required, expiration of the policy$/,
      },
    },
    alter: {
      "sys/policies/acl/openbao-own": { cas_required: "not: altered below", expiration: "2098-12-31T23:59:59+02:00" },
      "auth/openbao-jwt/cel/role/deploy": { cel_program: { expression: "false" } },
      "openbao-ssh/roles/people": {
        key_type: "not: the other fields depend on it",
        allow_user_certificates: "not: a role must allow user or host certificates",
      },
    },
    byHand: [
      {
        path: "sys/policies/acl/openbao-own",
        // resets all options
        alter: async (vault) =>
          await vault.write("sys/policies/acl/openbao-own", { policy: "# empty", cas: await version(vault) }),
      },
    ],
  },
  {
    example: "quotas",
    preexisting: ["sys/quotas/config"],
    alter: {
      "sys/quotas/config": { rate_limit_exempt_paths: ["sys/health"] },
      "sys/quotas/rate-limit/logins": { path: "auth/token" },
    },
  },
  {
    example: "quota-groups",
    requiredFields: { "sys/quotas/rate-limit/by-address": ["path"] },
    unsupportedFields: { bao: { "sys/quotas/rate-limit/by-address": ["group_by"] } },
    alter: {
      "sys/quotas/rate-limit/by-address": {
        path: "not: altered in quotas",
        group_by: "not: other values need Enterprise",
      },
    },
  },
  {
    example: "lease-count",
    unsupported: {
      ...unsupportedOn("vault", leases, "lease count quota"),
      ...unsupportedOn("bao", leases, "lease count quota"),
    },
  },
  { example: "raft", preexisting: ["sys/storage/raft/autopilot/configuration"] },
  {
    example: "plugins",
    requiredFields: { "sys/plugins/catalog/secret/example-engine": ["command", "sha256", "version"] },
    prepare: async () => ({ ["0".repeat(64)]: hash }),
    alter: {
      "sys/plugins/catalog/auth/example-login": { command: file, sha256: file },
      "sys/plugins/catalog/database/example-database": { command: file, sha256: file },
      "sys/plugins/catalog/secret/example-engine": {
        command: file,
        sha256: file,
        version: "not: another version is another plugin",
      },
    },
  },
  {
    example: "raw",
    preexisting: ["sys/config/cors"],
    alter: {
      "auth/radius/users/raw-user": { data: "not: altered below", keep: "not: it controls writes" },
      "sys/config/cors": { data: "not: altered below", open_lists: "not: it controls comparison" },
    },
    byHand: [
      {
        path: "auth/radius/users/raw-user",
        alter: async (vault) => await vault.write("auth/radius/users/raw-user", { token_ttl: "2h" }),
      },
      { path: "sys/config/cors", alter: async (vault) => await vault.delete("sys/config/cors") },
    ],
  },
  {
    example: "namespaces",
    requiredFields: { "team-a/identity/entity/name/carol/alias/auth/userpass": ["mount_accessor", "canonical_id"] },
    unsupported: unsupportedOn("vault", "sys/namespaces/team-a", "namespace"),
    alter: {
      "team-a/identity/entity/name/carol/alias/auth/userpass": {
        mount_accessor: "not: it identifies the alias",
        canonical_id: "not: it identifies the owner",
      },
    },
    byHand: [
      { path: "team-a/dev/kv/app", alter: async (vault) => await vault.write("team-a/dev/kv/app", { user: "other" }) },
      {
        path: "team-a/sys/policies/acl/app",
        alter: async (vault) => await vault.delete("team-a/sys/policies/acl/app"),
      },
    ],
  },
];

/** The version of the policy of OpenBao's example. */
async function version(vault: Vault): Promise<unknown> {
  const { data } = (await vault.read("sys/policies/acl/openbao-own")) ?? {};
  return (data as { version: number }).version;
}
