import { group, named, single } from "../model/section.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";

const common = {
  path: string("namespace, mount or path that the quota applies to; empty is all", { slash: true }),
  role: string("login role that the quota applies to, for the path of an auth mount"),
  inheritable: bool("the quota also applies to child namespaces"),
};
const after = ({ path }: { readonly [key: string]: unknown }) => mountsBefore(String(path ?? ""));

/**
 * @see https://developer.hashicorp.com/vault/api-docs/system/rate-limit-quotas
 * @see https://developer.hashicorp.com/vault/api-docs/system/lease-count-quotas
 */
export const quotas = group("resource quotas", {
  config: single({
    kind: "quota config",
    path: "sys/quotas/config",
    writeReplacesAll: true,
    spec: object("settings for all quotas", {
      rate_limit_exempt_paths: list("paths exempt from rate limits"),
      absolute_rate_limit_exempt_paths: list("exempt paths, relative to the root namespace"),
      enable_rate_limit_audit_logging: bool("write rejected requests to audit devices"),
      enable_rate_limit_response_headers: bool("add rate limit headers to responses"),
    }),
  }),
  rate_limit: named("rate limit", {
    kind: "rate limit quota",
    path: "sys/quotas/rate-limit",
    writeReplacesAll: true,
    after,
    spec: object("a limit on requests per interval", {
      rate: int("maximum requests per interval", { required: true, min: 0, fraction: true }),
      interval: duration("interval; 1 s if unset"),
      block_interval: duration("how long a client is blocked after it exceeds the rate"),
      group_by: string("how requests are grouped", {
        values: ["ip", "none", "entity_then_ip", "entity_then_none"],
      }),
      secondary_rate: int("rate for requests without an entity", { min: 0, fraction: true }),
      ...common,
    }),
  }),
  lease_count: named("lease count", {
    kind: "lease count quota",
    path: "sys/quotas/lease-count",
    writeReplacesAll: true,
    after,
    spec: object("a limit on leases (Enterprise)", {
      max_leases: int("maximum number of leases", { required: true, min: 1 }),
      ...common,
    }),
  }),
});
