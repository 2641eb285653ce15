import { bool, duration, int, list, string } from "../model/spec.ts";

/**
 * What every auth method's role says about the tokens it gives.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#parameters-1
 */
export const tokenFields = {
  token_ttl: duration("how long a token lives before it must be renewed"),
  token_max_ttl: duration("how long a token lives at most"),
  token_policies: list("policies of the token", { names: "policy", lower: true }),
  token_bound_cidrs: list("addresses that may log in and use the token", { cidr: true }),
  token_explicit_max_ttl: duration("a hard limit on a token's life, also for periodic ones"),
  token_no_default_policy: bool("leave out the policy `default`"),
  token_num_uses: int("how often a token may be used; 0 is without limit", { min: 0 }),
  token_period: duration("the period of a periodic token"),
  token_strictly_bind_ip: bool("only the address that logged in may use the token (OpenBao)"),
  token_type: string("the type of token; `default` is the mount's", { values: ["default", "service", "batch"] }),
};

/** Names of these fields from before Vault 1.2, which it still takes. */
export const tokenAliases = {
  policies: "token_policies",
  ttl: "token_ttl",
  max_ttl: "token_max_ttl",
  period: "token_period",
  num_uses: "token_num_uses",
  bound_cidrs: "token_bound_cidrs",
};
