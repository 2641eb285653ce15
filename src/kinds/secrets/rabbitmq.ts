import { group } from "../model/section.ts";
import { bool, duration, json, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const connection = object("how Vault logs in to RabbitMQ; Vault tells nothing of it", {
  connection_uri: string("URL of the management API", { required: true, writeOnly: true }),
  username: string("name of an administrator", { required: true, writeOnly: true }),
  password: string("its password", { required: true, writeOnly: true }),
  password_policy: string("password policy of what Vault makes", { writeOnly: true, names: "password policy" }),
  username_template: string("template of the names of users", { writeOnly: true }),
  verify_connection: bool("log in at once to see that it works", { writeOnly: true }),
});

/** Vault tells those that are not given as empty. */
const permissions = { asText: true, emptyIsNone: true };

/** @see https://developer.hashicorp.com/vault/api-docs/secret/rabbitmq */
export const rabbitmqSecrets = engine("secrets", "rabbitmq", "users of RabbitMQ", {
  config: group("how Vault uses RabbitMQ", {
    connection: single({
      kind: "RabbitMQ connection",
      path: "config/connection",
      replaces: true,
      unreadable: true,
      spec: connection,
    }),
    lease: single({
      kind: "RabbitMQ lease config",
      path: "config/lease",
      replaces: true,
      spec: object("how long users live", {
        ttl: duration("lease of users"),
        max_ttl: duration("longest lease"),
      }),
    }),
  }),
  roles: named("role", {
    kind: "RabbitMQ role",
    path: "roles",
    replaces: true,
    spec: object(
      "which users are given",
      {
        tags: string("tags, with commas between them"),
        vhosts: json("permissions by virtual host, written out or as JSON", permissions),
        vhost_topics: json("permissions by virtual host and exchange, written out or as JSON", permissions),
      },
      { someOf: [["tags", "vhosts"]] },
    ),
  }),
});
