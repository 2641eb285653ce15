import { object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";
import { tokenAliases, tokenFields } from "./token-fields.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/auth/userpass */
export const userpass = engine("auth", "userpass", "logins of people by name and password", {
  users: named("user", {
    kind: "userpass user",
    path: "users",
    folds: true,
    spec: object(
      "who may log in, and what they get",
      {
        password: string("the password", { writeOnly: true }),
        password_hash: string("its bcrypt hash, where the password is not to be written down", { writeOnly: true }),
        ...tokenFields,
      },
      { aliases: tokenAliases },
    ),
  }),
});
