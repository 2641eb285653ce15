import { bool, list, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { tokenFields } from "./token-fields.ts";

const { token_bound_cidrs, token_explicit_max_ttl, token_no_default_policy, token_num_uses, token_period } =
  tokenFields;

/**
 * The token auth method, which Vault mounts at `token` only. It can be tuned and have roles.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/token
 */
export const tokenAuth = engine("auth", "token", "token roles; only at the path `token`", {
  roles: named("role", {
    kind: "token role",
    path: "roles",
    spec: object(
      "tokens created with the role",
      {
        allowed_policies: list("policies that a token may have", { names: "policy", lower: true }),
        allowed_policies_glob: list("globs of policies that a token may have", { lower: true }),
        disallowed_policies: list("policies that a token may not have", { lower: true }),
        disallowed_policies_glob: list("globs of policies that a token may not have", { lower: true }),
        allowed_entity_aliases: list("entity aliases that a token may be created for", { lower: true }),
        orphan: bool("tokens have no parent"),
        renewable: bool("tokens can be renewed"),
        path_suffix: string("suffix of the token's path, to revoke by prefix"),
        token_bound_cidrs,
        token_explicit_max_ttl,
        token_no_default_policy,
        token_num_uses,
        token_period,
        token_type: string("token type; the `default-` types apply if the caller chooses none", {
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
