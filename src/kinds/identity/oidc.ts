import { vaultPath } from "../../vault/path.ts";
import type { Values } from "../model/compare.ts";
import { diffFields } from "../model/endpoint.ts";
import { dataOf, type Kind } from "../model/kind.ts";
import { referenceTo } from "../model/reference.ts";
import { group, itemOf, named, type Section, single } from "../model/section.ts";
import { duration, list, object, string } from "../model/spec.ts";

const path = (what: string) => `identity/oidc/${what}`;
const all = (what: string, names: unknown) =>
  (Array.isArray(names) ? names : []).map((name) => `${path(what)}/${String(name)}`);

const clientFields = { allowed_client_ids: list("ids of clients") };

/** A client needs its key first, and the key its client's id: so the key's list is an object of its own that comes last. */
const keyClientsKind: Kind = {
  name: "OIDC key's clients",
  fields: clientFields,
  async read(live, item) {
    const key = item.path.slice(0, item.path.lastIndexOf("/"));
    return dataOf(await live.once(vaultPath(key)), key);
  },
  diff: (item, live) => diffFields("OIDC key's clients", clientFields, item, live),
  async write(vault, { item }) {
    await vault.write(vaultPath(item.path.slice(0, item.path.lastIndexOf("/"))), item.desired);
  },
  requiredPaths: ({ path: each }) => [{ path: each.slice(0, each.lastIndexOf("/")) }],
};

const keyClients: Section = {
  kinds: [keyClientsKind],
  spec: list("names of the clients that may use it; or give allowed_client_ids"),
  compile(value, place) {
    const names = Array.isArray(value) ? value : String(value).split(",");
    const desired = { allowed_client_ids: names.map((name) => referenceTo("oidc_client", String(name).trim())) };
    return [itemOf(keyClientsKind, object("clients", clientFields), "allowed_clients", desired, place, place.values)];
  },
};

/**
 * Vault as an OpenID Connect provider, and as an issuer of identity tokens.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/oidc-provider
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/tokens
 */
export const identityOidc = group("Vault as an OpenID Connect provider, and issuer of identity tokens", {
  config: single({
    kind: "OIDC config",
    path: path("config"),
    spec: object("of identity tokens", { issuer: string("the issuer that they tell", { slash: true }) }),
  }),
  keys: named(
    "key",
    {
      kind: "OIDC key",
      path: path("key"),
      spec: object("what signs tokens", {
        algorithm: string("how", { values: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"] }),
        rotation_period: duration("a new key this often"),
        verification_ttl: duration("how long an old key still verifies"),
        allowed_client_ids: list("ids of clients and roles that may use it; * is all"),
      }),
    },
    { sections: { allowed_clients: keyClients } },
  ),
  roles: named("role", {
    kind: "OIDC role",
    path: path("role"),
    after: ({ key }) => all("key", [key]),
    spec: object("what identity tokens say", {
      key: string("the name of the key that signs them", { required: true }),
      template: string("claims besides the standard ones, as JSON with {{...}} in it", { base64: true }),
      client_id: string("the audience"),
      ttl: duration("how long they live"),
    }),
  }),
  assignments: named("assignment", {
    kind: "OIDC assignment",
    path: path("assignment"),
    spec: object("who may log in to a client", {
      entities: list("names of entities", { refers: { to: "entity", as: "entity_ids" } }),
      groups: list("names of groups", { refers: { to: "group", as: "group_ids" } }),
      entity_ids: list("ids of entities"),
      group_ids: list("ids of groups"),
    }),
  }),
  scopes: named("scope", {
    kind: "OIDC scope",
    path: path("scope"),
    spec: object("claims that a client may ask for", {
      template: string("the claims, as JSON with {{...}} in it", { base64: true }),
      description: string("for people"),
    }),
  }),
  clients: named("client", {
    kind: "OIDC client",
    path: path("client"),
    after: ({ key, assignments }) => [...all("key", [key]), ...all("assignment", assignments)],
    spec: object("an application that people log in to by Vault", {
      key: string("the name of the key that signs its tokens", { createOnly: true }),
      client_type: string("whether it can keep a secret", { values: ["confidential", "public"], createOnly: true }),
      redirect_uris: list("where people may be sent back to"),
      assignments: list("names of assignments: who may log in"),
      id_token_ttl: duration("how long its id tokens live"),
      access_token_ttl: duration("how long its access tokens live"),
    }),
  }),
  providers: named("provider", {
    kind: "OIDC provider",
    path: path("provider"),
    after: ({ scopes_supported }) => all("scope", scopes_supported),
    readAs: withoutPath,
    spec: object("what clients speak to", {
      issuer: string("the address of Vault as clients see it", { slash: true }),
      allowed_clients: list("names of clients", { refers: { to: "oidc_client", as: "allowed_client_ids" } }),
      allowed_client_ids: list("ids of clients; * is all"),
      scopes_supported: list("names of scopes"),
    }),
  }),
});

/** Vault takes the issuer as an origin, and tells it with the provider's path behind it. */
function withoutPath({ issuer, ...others }: Values): Values {
  return { ...others, issuer: String(issuer ?? "").replace(/\/v1\/(.*\/)?identity\/oidc\/provider\/.*$/, "") };
}
