import { group } from "../model/section.ts";
import { bool, duration, int, list, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/secret/nomad */
export const nomadSecrets = engine("secrets", "nomad", "tokens of Nomad", {
  config: group("how Vault uses Nomad", {
    access: single({
      kind: "Nomad access config",
      path: "config/access",
      replaces: true,
      spec: object("how Vault logs in to Nomad", {
        address: string("URL of Nomad"),
        token: string("Vault's token there; unset: Vault bootstraps Nomad's ACL system", { writeOnly: true }),
        max_token_name_length: int("longest name of a token; 0 is Nomad's own", { min: 0 }),
        ca_cert: string("PEM certificates of Nomad"),
        client_cert: string("PEM certificate of Vault"),
        client_key: string("its key", { writeOnly: true }),
      }),
    }),
    lease: single({
      kind: "Nomad lease config",
      path: "config/lease",
      replaces: true,
      spec: object("how long tokens live", {
        ttl: duration("lease of tokens"),
        max_ttl: duration("longest lease"),
      }),
    }),
  }),
  roles: named("role", {
    kind: "Nomad role",
    path: "role",
    spec: object(
      "which tokens are given",
      {
        type: string("what kind of token", { values: ["client", "management"] }),
        policies: list("Nomad policies"),
        global: bool("valid in all regions"),
      },
      { excludes: { type: { management: ["policies"] } } },
    ),
  }),
});
