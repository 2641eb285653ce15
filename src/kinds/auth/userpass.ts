import { object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/userpass */
export const userpass = engine("auth", "userpass", "login with a username and password", {
  users: named("user", {
    kind: "userpass user",
    path: "users",
    caseInsensitive: true,
    spec: object(
      "a user, and the token they get",
      {
        password: string("password", { writeOnly: true }),
        password_hash: string("bcrypt hash of the password, instead of the password", { writeOnly: true }),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
