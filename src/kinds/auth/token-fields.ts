import { bool, cidrs, duration, int, list, string } from "../model/spec.ts";

/**
 * Token fields, which the roles of all auth methods share.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#parameters-1
 */
export const tokenFields = {
  token_ttl: duration("initial TTL of a token; it can be renewed up to token_max_ttl"),
  token_max_ttl: duration("maximum lifetime of a token"),
  token_policies: list("policies of the token", { names: "policy", lower: true }),
  token_bound_cidrs: cidrs("CIDR blocks that may log in and use the token"),
  token_explicit_max_ttl: duration("hard limit on a token's lifetime, even for periodic tokens"),
  token_no_default_policy: bool("do not add the `default` policy"),
  token_num_uses: int("maximum uses of a token; 0 is unlimited", { min: 0 }),
  token_period: duration("period of a periodic token"),
  token_strictly_bind_ip: bool("only the IP address that logged in may use the token (OpenBao)"),
  token_type: string("token type; `default` is the mount's", { values: ["default", "service", "batch"] }),
};

/** Names of these fields before Vault 1.2, which Vault still accepts. */
export const tokenAliases = {
  policies: "token_policies",
  ttl: "token_ttl",
  max_ttl: "token_max_ttl",
  period: "token_period",
  num_uses: "token_num_uses",
  bound_cidrs: "token_bound_cidrs",
};
