import { group } from "../model/section.ts";
import { bool, duration, jsonText, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const connection = object("how Vault connects to RabbitMQ; Vault never returns it", {
  connection_uri: string("URL of the management API", { required: true, writeOnly: true }),
  username: string("username of an administrator", { required: true, writeOnly: true }),
  password: string("password of the administrator", { required: true, writeOnly: true }),
  password_policy: string("password policy of generated passwords", { writeOnly: true, names: "password policy" }),
  username_template: string("template of usernames", { writeOnly: true }),
  verify_connection: bool("verify the connection when it is written", { writeOnly: true }),
});

/** Vault returns omitted permissions as empty strings. */
const permissions = { emptyIsNone: true };

/** @see https://developer.hashicorp.com/vault/api-docs/secret/rabbitmq */
export const rabbitmqSecrets = engine("secrets", "rabbitmq", "RabbitMQ users", {
  config: group("configuration of the RabbitMQ engine", {
    connection: single({
      kind: "RabbitMQ connection",
      path: "config/connection",
      writeReplacesAll: true,
      unreadable: true,
      spec: connection,
    }),
    lease: single({
      kind: "RabbitMQ lease config",
      path: "config/lease",
      writeReplacesAll: true,
      spec: object("leases of users", {
        ttl: duration("default lease"),
        max_ttl: duration("maximum lease"),
      }),
    }),
  }),
  roles: named("role", {
    kind: "RabbitMQ role",
    path: "roles",
    writeReplacesAll: true,
    spec: object(
      "the users that the role creates",
      {
        tags: string("tags, comma-separated"),
        vhosts: jsonText("permissions per virtual host, in YAML or as a JSON string", permissions),
        vhost_topics: jsonText(
          "topic permissions per virtual host and exchange, in YAML or as a JSON string",
          permissions,
        ),
      },
      { someOf: [["tags", "vhosts"]] },
    ),
  }),
});
