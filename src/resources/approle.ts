import { engine, named } from "./engine.ts";
import { bool, duration, int, list, object } from "./spec.ts";
import { tokenAliases, tokenFields } from "./tokens.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/approle */
export const approle = engine("auth", "approle", "logins of programs by a role id and a secret id", {
  roles: named("role", {
    kind: "AppRole role",
    path: "role",
    spec: object(
      "who may log in, and what they get",
      {
        bind_secret_id: bool("a login needs a secret id too"),
        secret_id_bound_cidrs: list("addresses that may log in", { cidr: true }),
        secret_id_num_uses: int("how often a secret id may be used; 0 is without limit", { min: 0 }),
        secret_id_ttl: duration("how long a secret id lives; 0 is for ever"),
        local_secret_ids: bool("secret ids are not replicated (Enterprise)", { createOnly: true }),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
