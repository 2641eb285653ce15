import { group } from "../model/section.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/nomad */
export const nomadSecrets = engine("secrets", "nomad", "Nomad ACL tokens", {
  config: group("configuration of the Nomad engine", {
    access: single({
      kind: "Nomad access config",
      path: "config/access",
      writeReplacesAll: true,
      spec: object("how Vault connects to Nomad", {
        address: string("URL of Nomad"),
        token: string("Nomad ACL token; unset: Vault bootstraps the ACL system", { writeOnly: true }),
        max_token_name_length: int("maximum length of a token's name; 0 is Nomad's default", { min: 0 }),
        ca_cert: string("PEM CA certificates of Nomad"),
        client_cert: string("PEM client certificate"),
        client_key: string("PEM key of the client certificate", { writeOnly: true }),
      }),
    }),
    lease: single({
      kind: "Nomad lease config",
      path: "config/lease",
      writeReplacesAll: true,
      spec: object("leases of tokens", {
        ttl: duration("default lease"),
        max_ttl: duration("maximum lease"),
      }),
    }),
  }),
  roles: named("role", {
    kind: "Nomad role",
    path: "role",
    spec: object(
      "the tokens that the role issues",
      {
        type: string("type of token", { values: ["client", "management"] }),
        policies: list("Nomad policies"),
        global: bool("the token is valid in all regions"),
      },
      { excludes: { type: { management: ["policies"] } } },
    ),
  }),
});
