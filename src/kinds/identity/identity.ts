import { group, named } from "../model/section.ts";
import { bool, list, map, object, string } from "../model/spec.ts";
import { entityAliases, groupAliases } from "./alias.ts";
import { identityOidc } from "./oidc.ts";

const policies = list("policies added to those of the token", { names: "policy", lower: true });
const metadata = map("metadata, for templated policies");

/**
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group
 */
export const identity = group("entities, their aliases, and groups", {
  entities: named(
    "entity",
    {
      kind: "entity",
      path: "identity/entity/name",
      caseInsensitive: true,
      spec: object("a user or application", {
        policies,
        metadata,
        disabled: bool("disable the tokens of the entity"),
      }),
    },
    { sections: { aliases: entityAliases } },
  ),
  groups: named(
    "group",
    {
      kind: "group",
      path: "identity/group/name",
      caseInsensitive: true,
      spec: object("a group of entities", {
        type: string("internal: members are listed; external: members follow from the alias", {
          values: ["internal", "external"],
          createOnly: true,
        }),
        policies,
        metadata,
        member_entities: list("names of member entities", { refers: { to: "entity", as: "member_entity_ids" } }),
        member_groups: list("names of member groups", { refers: { to: "group", as: "member_group_ids" } }),
        member_entity_ids: list("IDs of member entities"),
        member_group_ids: list("IDs of member groups"),
      }),
    },
    { sections: { alias: groupAliases } },
  ),
  oidc: identityOidc,
});
