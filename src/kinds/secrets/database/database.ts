import { bool, duration, list, map, object, string } from "../../model/spec.ts";
import { engine, named } from "../../mount/engine.ts";
import { connections } from "./connection.ts";

const common = {
  db_name: string("name of the connection", { required: true }),
  credential_type: string("type of credential", { values: ["password", "rsa_private_key", "client_certificate"] }),
  credential_config: map("settings of the credential type", { partial: true }),
};

/** Vault rejects a role whose connection is missing. A role must not log in while the root password is rotated. */
function afterConnection({ db_name }: Readonly<Record<string, unknown>>): string[] {
  return [`config/${db_name}`, `rotate-root/${db_name}`];
}

const role = object("the users that the role creates", {
  ...common,
  creation_statements: list("statements that create a user", { ordered: true }),
  revocation_statements: list("statements that revoke a user", { ordered: true }),
  rollback_statements: list("statements that roll back a failed creation", { ordered: true }),
  renew_statements: list("statements that renew a user", { ordered: true }),
  default_ttl: duration("default lease"),
  max_ttl: duration("maximum lease"),
});

const staticRole = object("an existing user whose password Vault rotates", {
  ...common,
  username: string("existing database username", { required: true, createOnly: true }),
  rotation_period: duration("rotation period of the password"),
  rotation_schedule: string("cron schedule of the rotation"),
  rotation_window: duration("how long after its schedule a rotation may start"),
  rotation_statements: list("statements that rotate the password", { ordered: true }),
  skip_import_rotation: bool("do not rotate the password when the role is created (Enterprise)", { createOnly: true }),
  password: string("current password (Enterprise)", { writeOnly: true }),
});

/** @see https://developer.hashicorp.com/vault/api-docs/secret/databases */
export const database = engine("secrets", "database", "database users", {
  connections,
  roles: named("role", { kind: "database role", path: "roles", after: afterConnection, spec: role }),
  static_roles: named("static role", {
    kind: "database static role",
    path: "static-roles",
    after: afterConnection,
    spec: staticRole,
  }),
});
