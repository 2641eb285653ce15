import { group } from "../model/section.ts";
import { bool, duration, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/consul */
export const consulSecrets = engine("secrets", "consul", "Consul ACL tokens", {
  config: group("configuration of the Consul engine", {
    access: single({
      kind: "Consul access config",
      path: "config/access",
      writeReplacesAll: true,
      absent: /haven't been configured/,
      spec: object("how Vault connects to Consul", {
        address: string("host and port of Consul", { required: true }),
        scheme: string("URL scheme", { values: ["http", "https"] }),
        token: string("Consul ACL token; unset: Vault bootstraps the ACL system", { writeOnly: true }),
        ca_cert: string("PEM CA certificates of Consul", { writeOnly: true }),
        client_cert: string("PEM client certificate", { writeOnly: true }),
        client_key: string("PEM key of the client certificate", { writeOnly: true }),
      }),
    }),
  }),
  roles: named("role", {
    kind: "Consul role",
    path: "roles",
    writeReplacesAll: true,
    spec: object("the tokens that the role issues", {
      consul_policies: list("Consul policies"),
      consul_roles: list("Consul roles"),
      service_identities: list("service identities", { ordered: true }),
      node_identities: list("node identities", { ordered: true }),
      consul_namespace: string("Consul namespace of the token (Consul Enterprise)"),
      partition: string("admin partition of the token (Consul Enterprise)"),
      local: bool("the token is local to the datacenter"),
      ttl: duration("default lease"),
      max_ttl: duration("maximum lease"),
    }),
  }),
});
