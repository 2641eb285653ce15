import { int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const value = list("policies", { names: "policy", lower: true, required: true, asText: true });

/** @see https://developer.hashicorp.com/vault/api-docs/auth/github */
export const githubAuth = engine("auth", "github", "logins of people by GitHub tokens", {
  config: single({
    kind: "GitHub auth config",
    path: "config",
    replaces: true,
    spec: object(
      "whose members may log in",
      {
        organization: string("the organisation", { required: true }),
        organization_id: int("its number; where it is not given Vault asks GitHub for it"),
        base_url: string("the API of a GitHub Enterprise server", { slash: true }),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
  teams: named("team", {
    kind: "GitHub team",
    path: "map/teams",
    folds: true,
    spec: object("what members of a team get", { value }),
  }),
  users: named("user", {
    kind: "GitHub user",
    path: "map/users",
    folds: true,
    spec: object("what one user gets", { value }),
  }),
});
