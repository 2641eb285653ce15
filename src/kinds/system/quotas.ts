import { group, named, single } from "../model/section.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";

const common = {
  path: string("the namespace, mount or path that it holds for; empty is all", { slash: true }),
  role: string("the login role that it holds for, with the path of an auth mount"),
  inheritable: bool("it holds for namespaces within, too"),
};
const after = ({ path }: { readonly [key: string]: unknown }) => mountsBefore(String(path ?? ""));

/**
 * @see https://developer.hashicorp.com/vault/api-docs/system/rate-limit-quotas
 * @see https://developer.hashicorp.com/vault/api-docs/system/lease-count-quotas
 */
export const quotas = group("how much Vault may be asked for", {
  config: single({
    kind: "quota config",
    path: "sys/quotas/config",
    replaces: true,
    spec: object("for all quotas", {
      rate_limit_exempt_paths: list("paths that no rate limit holds for"),
      absolute_rate_limit_exempt_paths: list("the same, from the root namespace on"),
      enable_rate_limit_audit_logging: bool("audit devices tell of refused requests"),
      enable_rate_limit_response_headers: bool("answers tell how much is left"),
    }),
  }),
  rate_limit: named("rate limit", {
    kind: "rate limit quota",
    path: "sys/quotas/rate-limit",
    replaces: true,
    after,
    spec: object("how many requests in how long a time", {
      rate: int("requests in one interval", { required: true, min: 0, fraction: true }),
      interval: duration("the interval; one second if not given"),
      block_interval: duration("how long a client waits that asked for more"),
      group_by: string("what is counted together", {
        values: ["ip", "none", "entity_then_ip", "entity_then_none"],
      }),
      secondary_rate: int("the rate for clients without an entity", { min: 0, fraction: true }),
      ...common,
    }),
  }),
  lease_count: named("lease count", {
    kind: "lease count quota",
    path: "sys/quotas/lease-count",
    replaces: true,
    after,
    spec: object("how many leases there may be (Enterprise)", {
      max_leases: int("leases at once", { required: true, min: 1 }),
      ...common,
    }),
  }),
});
