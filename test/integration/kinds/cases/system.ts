import { createHash } from "node:crypto";
import { type KindCase, lacking } from "../harness/fixture.ts";

const file = "not: there must be such a file, with that hash";
const leases = "sys/quotas/lease-count/everything";

/** What lies in the plugin directory of the test servers, as `example-engine`. */
export const plugin = "#!/bin/sh\nexit 0\n";
const hash = createHash("sha256").update(plugin).digest("hex");

const auditFile = "/vault/audit/audit.log";

export const cases: readonly KindCase[] = [
  {
    example: "audit",
    prepare: async (_, server) => ({ [auditFile]: server.auditFile }),
    alter: {
      "sys/audit/to-file": {
        type: "not: the device would need other options",
        options: { file_path: auditFile, log_raw: "true" },
      },
    },
  },
  { example: "password-policy" },
  {
    example: "quotas",
    exists: ["sys/quotas/config"],
    alter: {
      "sys/quotas/config": { rate_limit_exempt_paths: ["sys/health"] },
      "sys/quotas/rate-limit/logins": { path: "auth/token" },
    },
  },
  {
    example: "quota-groups",
    needs: { "sys/quotas/rate-limit/by-address": ["path"] },
    unknown: { bao: { "sys/quotas/rate-limit/by-address": ["group_by"] } },
    alter: {
      "sys/quotas/rate-limit/by-address": { path: "not: see quotas", group_by: "not: others are for Enterprise" },
    },
  },
  {
    example: "lease-count",
    lacks: { ...lacking("vault", leases, "lease count quota"), ...lacking("bao", leases, "lease count quota") },
  },
  { example: "raft", exists: ["sys/storage/raft/autopilot/configuration"] },
  {
    example: "plugins",
    needs: { "sys/plugins/catalog/secret/example-engine": ["command", "sha256", "version"] },
    prepare: async () => ({ ["0".repeat(64)]: hash }),
    alter: {
      "sys/plugins/catalog/auth/example-login": { command: file, sha256: file },
      "sys/plugins/catalog/database/example-database": { command: file, sha256: file },
      "sys/plugins/catalog/secret/example-engine": {
        command: file,
        sha256: file,
        version: "not: another is a plugin besides",
      },
    },
  },
  {
    example: "raw",
    exists: ["sys/config/cors"],
    alter: {
      "auth/radius/users/raw-user": { data: "not: see below", keep: "not: it says how it is written" },
      "sys/config/cors": { data: "not: see below", open_lists: "not: it says how it is compared" },
    },
    byHand: [
      {
        path: "auth/radius/users/raw-user",
        by: async (vault) => await vault.write("auth/radius/users/raw-user", { token_ttl: "2h" }),
      },
      { path: "sys/config/cors", by: async (vault) => await vault.delete("sys/config/cors") },
    ],
  },
  {
    example: "namespaces",
    needs: { "team-a/identity/entity/name/carol/alias/auth/userpass": ["mount_accessor", "canonical_id"] },
    lacks: lacking("vault", "sys/namespaces/team-a", "namespace"),
    alter: {
      "team-a/identity/entity/name/carol/alias/auth/userpass": {
        mount_accessor: "not: by it the alias is found",
        canonical_id: "not: by it the owner is found",
      },
    },
    byHand: [
      { path: "team-a/dev/kv/app", by: async (vault) => await vault.write("team-a/dev/kv/app", { user: "other" }) },
      {
        path: "team-a/sys/policies/acl/app",
        by: async (vault) => await vault.delete("team-a/sys/policies/acl/app"),
      },
    ],
  },
];
