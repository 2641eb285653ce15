import { group } from "../model/section.ts";
import { bool, duration, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/consul */
export const consulSecrets = engine("secrets", "consul", "tokens of Consul", {
  config: group("how Vault uses Consul", {
    access: single({
      kind: "Consul access config",
      path: "config/access",
      replaces: true,
      absent: /haven't been configured/,
      spec: object("how Vault logs in to Consul", {
        address: string("host and port", { required: true }),
        scheme: string("http or https", { values: ["http", "https"] }),
        token: string("Vault's token there; unset: Vault bootstraps Consul's ACL system", { writeOnly: true }),
        ca_cert: string("PEM certificates of Consul", { writeOnly: true }),
        client_cert: string("PEM certificate of Vault", { writeOnly: true }),
        client_key: string("its key", { writeOnly: true }),
      }),
    }),
  }),
  roles: named("role", {
    kind: "Consul role",
    path: "roles",
    replaces: true,
    spec: object("which tokens are given", {
      consul_policies: list("Consul policies"),
      consul_roles: list("Consul roles"),
      service_identities: list("service identities", { ordered: true }),
      node_identities: list("node identities", { ordered: true }),
      consul_namespace: string("namespace of the token (Consul Enterprise)"),
      partition: string("partition of the token (Consul Enterprise)"),
      local: bool("do not replicate the token"),
      ttl: duration("lease of the token"),
      max_ttl: duration("longest lease"),
    }),
  }),
});
