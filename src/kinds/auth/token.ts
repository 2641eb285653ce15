import { bool, list, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { tokenFields } from "./token-fields.ts";

const { token_bound_cidrs, token_explicit_max_ttl, token_no_default_policy, token_num_uses, token_period } =
  tokenFields;

/**
 * The method that Vault itself mounts at `token`; it can be tuned and have roles, and be nowhere else.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/token
 */
export const tokenAuth = engine("auth", "token", "tokens themselves; only at the path token", {
  roles: named("role", {
    kind: "token role",
    path: "roles",
    spec: object(
      "what tokens may be made by it",
      {
        allowed_policies: list("policies that a token may have", { names: "policy", lower: true }),
        allowed_policies_glob: list("patterns of those", { lower: true }),
        disallowed_policies: list("policies that it may not have", { lower: true }),
        disallowed_policies_glob: list("patterns of those", { lower: true }),
        allowed_entity_aliases: list("aliases that it may be made for", { lower: true }),
        orphan: bool("it does not end with the token that made it"),
        renewable: bool("it can be renewed"),
        path_suffix: string("what its path ends with, to revoke by"),
        token_bound_cidrs,
        token_explicit_max_ttl,
        token_no_default_policy,
        token_num_uses,
        token_period,
        token_type: string("the type of token; those of `default-` where the caller does not say", {
          values: ["service", "batch", "default-service", "default-batch"],
        }),
      },
      {
        aliases: {
          period: "token_period",
          explicit_max_ttl: "token_explicit_max_ttl",
          bound_cidrs: "token_bound_cidrs",
        },
      },
    ),
  }),
});
