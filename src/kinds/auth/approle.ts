import { endpointKind } from "../model/endpoint.ts";
import { itemOf } from "../model/section.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, type Section } from "../mount/engine.ts";
import { approleSecretIds } from "./approle-secret-id.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** A role's own id has a path of its own. */
const roleId = object("the role's id", { role_id: string("made by Vault if not given") });
const roleIdKind = endpointKind({ kind: "AppRole role id", path: "role-id", spec: roleId });
const roleIds: Section = {
  kinds: [roleIdKind],
  spec: string("the role's id; made by Vault if not given"),
  compile: (value, place) => [itemOf(roleIdKind, roleId, "role-id", { role_id: value }, place, place.values)],
};

/** @see https://developer.hashicorp.com/vault/api-docs/auth/approle */
export const approle = engine("auth", "approle", "logins of programs by a role id and a secret id", {
  roles: named(
    "role",
    {
      kind: "AppRole role",
      path: "role",
      folds: true,
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
    },
    { sections: { role_id: roleIds, secret_ids: approleSecretIds } },
  ),
});
