import { bool, duration, list, map, object, string } from "../../model/spec.ts";
import { engine, named } from "../../mount/engine.ts";
import { connections } from "./connection.ts";

const common = {
  db_name: string("name of the connection", { required: true }),
  credential_type: string("what is given", { values: ["password", "rsa_private_key", "client_certificate"] }),
  credential_config: map("how it is made", { partial: true }),
};

/** Vault refuses a role whose connection is missing, or renews the root user's password while the role logs in. */
function afterConnection({ db_name }: Readonly<Record<string, unknown>>): string[] {
  return [`config/${db_name}`, `rotate-root/${db_name}`];
}

const role = object("which users are made", {
  ...common,
  creation_statements: list("statements that make a user", { ordered: true }),
  revocation_statements: list("statements that remove it", { ordered: true }),
  rollback_statements: list("statements that undo a making that failed", { ordered: true }),
  renew_statements: list("statements that renew it", { ordered: true }),
  default_ttl: duration("lease of a user"),
  max_ttl: duration("longest lease"),
});

const staticRole = object("a user that exists, and whose password Vault renews", {
  ...common,
  username: string("its name", { required: true, createOnly: true }),
  rotation_period: duration("renew the password this often"),
  rotation_schedule: string("renew it by this cron line"),
  rotation_window: duration("how long a scheduled renewal may be tried"),
  rotation_statements: list("statements that change the password", { ordered: true }),
  skip_import_rotation: bool("do not change the password at once (Enterprise)", { createOnly: true }),
  password: string("the password that it has (Enterprise)", { writeOnly: true }),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/databases */
export const database = engine("secrets", "database", "users of databases", {
  connections,
  roles: named("role", { kind: "database role", path: "roles", after: afterConnection, spec: role }),
  static_roles: named("static role", {
    kind: "database static role",
    path: "static-roles",
    after: afterConnection,
    spec: staticRole,
  }),
});
