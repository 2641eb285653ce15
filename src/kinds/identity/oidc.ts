import { vaultPath } from "../../vault/path.ts";
import { diffFields } from "../model/endpoint.ts";
import { itemOf } from "../model/item.ts";
import { dataOf, type Kind } from "../model/kind.ts";
import { referenceTo } from "../model/reference.ts";
import { group, named, type Section, single } from "../model/section.ts";
import { base64String, duration, list, object, string } from "../model/spec.ts";
import type { Values } from "../model/values.ts";

const path = (collection: string) => `identity/oidc/${collection}`;
const paths = (collection: string, names: unknown) =>
  (Array.isArray(names) ? names : []).map((name) => `${path(collection)}/${String(name)}`);

const clientFields = { allowed_client_ids: list("client IDs") };

/**
 * A client needs its key, and the key its clients' IDs. So a key's list of clients is a separate object, written after
 * the clients.
 */
const keyClientsKind: Kind = {
  name: "OIDC key's clients",
  fields: clientFields,
  async read(reader, item) {
    const key = item.path.slice(0, item.path.lastIndexOf("/"));
    return dataOf(await reader.once(vaultPath(key)), key);
  },
  diff: (item, live) => diffFields("OIDC key's clients", clientFields, item, live),
  async write(vault, { item }) {
    await vault.write(vaultPath(item.path.slice(0, item.path.lastIndexOf("/"))), item.desired);
  },
  requiredPaths: ({ path: each }) => [{ path: each.slice(0, each.lastIndexOf("/")) }],
};

const keyClients: Section = {
  kinds: [keyClientsKind],
  spec: list("names of clients that may use the key; or set allowed_client_ids"),
  compile(value, context) {
    const names = Array.isArray(value) ? value : String(value).split(",");
    const desired = { allowed_client_ids: names.map((name) => referenceTo("oidc_client", String(name).trim())) };
    return [
      itemOf(keyClientsKind, object("clients", clientFields), "allowed_clients", desired, context, context.values),
    ];
  },
};

/**
 * Vault as an OpenID Connect provider and issuer of identity tokens.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/oidc-provider
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/tokens
 */
export const identityOidc = group("Vault as an OpenID Connect provider and issuer of identity tokens", {
  config: single({
    kind: "OIDC config",
    path: path("config"),
    spec: object("settings of identity tokens", { issuer: string("issuer of the tokens", { slash: true }) }),
  }),
  keys: named(
    "key",
    {
      kind: "OIDC key",
      path: path("key"),
      spec: object("a key that signs tokens", {
        algorithm: string("signing algorithm", {
          values: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"],
        }),
        rotation_period: duration("rotation period of the key"),
        verification_ttl: duration("how long an old key still verifies tokens"),
        allowed_client_ids: list("IDs of clients and roles that may use the key; * is all"),
      }),
    },
    { sections: { allowed_clients: keyClients } },
  ),
  roles: named("role", {
    kind: "OIDC role",
    path: path("role"),
    after: ({ key }) => paths("key", [key]),
    spec: object("identity tokens of the role", {
      key: string("name of the key that signs tokens", { required: true }),
      template: base64String("template of extra claims, as JSON with {{...}}"),
      client_id: string("client ID, the audience of tokens"),
      ttl: duration("TTL of tokens"),
    }),
  }),
  assignments: named("assignment", {
    kind: "OIDC assignment",
    path: path("assignment"),
    spec: object("who may log in to a client", {
      entities: list("names of entities", { refers: { to: "entity", as: "entity_ids" } }),
      groups: list("names of groups", { refers: { to: "group", as: "group_ids" } }),
      entity_ids: list("IDs of entities"),
      group_ids: list("IDs of groups"),
    }),
  }),
  scopes: named("scope", {
    kind: "OIDC scope",
    path: path("scope"),
    spec: object("claims that a client may request", {
      template: base64String("template of the claims, as JSON with {{...}}"),
      description: string("description of the scope"),
    }),
  }),
  clients: named("client", {
    kind: "OIDC client",
    path: path("client"),
    after: ({ key, assignments }) => [...paths("key", [key]), ...paths("assignment", assignments)],
    spec: object("an application that uses Vault as its provider", {
      key: string("name of the key that signs tokens", { createOnly: true }),
      client_type: string("client type", { values: ["confidential", "public"], createOnly: true }),
      redirect_uris: list("allowed redirect URIs"),
      assignments: list("names of the assignments that may log in"),
      id_token_ttl: duration("TTL of ID tokens"),
      access_token_ttl: duration("TTL of access tokens"),
    }),
  }),
  providers: named("provider", {
    kind: "OIDC provider",
    path: path("provider"),
    after: ({ scopes_supported }) => paths("scope", scopes_supported),
    readAs: withoutPath,
    spec: object("an OIDC provider", {
      issuer: string("URL of Vault, as seen from clients", { slash: true }),
      allowed_clients: list("names of allowed clients", { refers: { to: "oidc_client", as: "allowed_client_ids" } }),
      allowed_client_ids: list("IDs of allowed clients; * is all"),
      scopes_supported: list("names of supported scopes"),
    }),
  }),
});

/** Vault is given the issuer as an origin, and returns it with the provider's path appended. */
function withoutPath({ issuer, ...others }: Values): Values {
  return { ...others, issuer: String(issuer ?? "").replace(/\/v1\/(.*\/)?identity\/oidc\/provider\/.*$/, "") };
}
