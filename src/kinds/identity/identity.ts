import { group, named } from "../model/section.ts";
import { bool, list, map, object, string } from "../model/spec.ts";
import { entityAliases, groupAliases } from "./alias.ts";
import { identityOidc } from "./oidc.ts";

const policies = list("policies besides those of its tokens", { names: "policy", lower: true });
const metadata = map("metadata, which policies may name");

/**
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/group
 */
export const identity = group("who clients are, however they log in", {
  entities: named(
    "entity",
    {
      kind: "entity",
      path: "identity/entity/name",
      folds: true,
      spec: object("one person or program", {
        policies,
        metadata,
        disabled: bool("its tokens are refused"),
      }),
    },
    { sections: { aliases: entityAliases } },
  ),
  groups: named(
    "group",
    {
      kind: "group",
      path: "identity/group/name",
      folds: true,
      spec: object("several of them", {
        type: string("internal: members are listed; external: they come by an alias", {
          values: ["internal", "external"],
          createOnly: true,
        }),
        policies,
        metadata,
        member_entities: list("names of entities", { refers: { to: "entity", as: "member_entity_ids" } }),
        member_groups: list("names of groups", { refers: { to: "group", as: "member_group_ids" } }),
        member_entity_ids: list("ids of entities"),
        member_group_ids: list("ids of groups"),
      }),
    },
    { sections: { alias: groupAliases } },
  ),
  oidc: identityOidc,
});
