import { int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

const value = list("policies", { names: "policy", lower: true, required: true, joined: true });

/** @see https://developer.hashicorp.com/vault/api-docs/auth/github */
export const githubAuth = engine("auth", "github", "login with a GitHub token", {
  config: single({
    kind: "GitHub auth config",
    path: "config",
    writeReplacesAll: true,
    spec: object(
      "the organization whose members may log in",
      {
        organization: string("organization name", { required: true }),
        organization_id: int("organization ID; unset: Vault looks it up at GitHub"),
        base_url: string("API URL of a GitHub Enterprise server", { slash: true }),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
  teams: named("team", {
    kind: "GitHub team",
    path: "map/teams",
    caseInsensitive: true,
    spec: object("policies of a team", { value }),
  }),
  users: named("user", {
    kind: "GitHub user",
    path: "map/users",
    caseInsensitive: true,
    spec: object("policies of a user", { value }),
  }),
});
