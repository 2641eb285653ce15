import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { configure, failuresIn, itemsIn, linesOf, planOf, type ServerKind, useKindServer } from "./harness/fixture.ts";

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = JSON.stringify(publicKey.export({ type: "spki", format: "pem" }));

/** The fields declared first, those declared instead, and the planned changes. PROVIDER is the server, its own OIDC provider. */
type Replacement = { readonly before: string; readonly after: string; readonly changed: string };
const keys = `jwt_validation_pubkeys: [${key}]`;
const jwks = 'jwks_url: "PROVIDER/.well-known/keys"';
const oidc = 'oidc_discovery_url: "PROVIDER/provider/default", oidc_client_id: id, oidc_client_secret: secret';

/** Fields on whose value others depend. OpenBao has neither AWS nor Nomad built in. */
const types: readonly (Replacement & { readonly type: string; readonly on?: ServerKind })[] = [
  {
    type: "pki",
    on: "vault",
    before: "key_type: rsa",
    after: "key_type: ec",
    changed: "key_type, key_bits, signature_bits",
  },
  // OpenBao since 2.7 stores the 0 of a default signature size, so there is nothing to clear
  { type: "pki", on: "bao", before: "key_type: rsa", after: "key_type: ec", changed: "key_type, key_bits" },
  {
    type: "pki",
    before: "key_type: rsa, signature_bits: 512",
    after: "key_type: ec",
    changed: "key_type, key_bits, signature_bits",
  },
  { type: "pki", before: "key_type: ec, key_bits: 384", after: "key_type: rsa", changed: "key_type, key_bits" },
  { type: "nomad", before: "type: client, policies: a", after: "type: management", changed: "type, policies" },
  {
    type: "aws",
    before: "credential_type: iam_user, policy_document: '{}', user_path: /a/",
    after: "credential_type: session_token",
    changed: "credential_type, user_path, policy_document",
  },
  {
    type: "aws",
    before:
      "credential_type: assumed_role, role_arns: [a], default_sts_ttl: 1h, policy_arns: ['arn:aws:iam::aws:policy/A']",
    after: "credential_type: iam_user",
    changed: "credential_type, default_sts_ttl, role_arns",
  },
];

describe.each<ServerKind>(["vault", "bao"])("mutually exclusive fields, on %s", (kind) => {
  const server = useKindServer(kind);

  it.each<Replacement>([
    { before: keys, after: jwks, changed: "jwks_url, jwt_validation_pubkeys" },
    { before: jwks, after: keys, changed: "jwt_validation_pubkeys, jwks_url" },
    { before: oidc, after: jwks, changed: "jwks_url, oidc_discovery_url, oidc_client_id" },
  ])("are cleared when another is declared: $changed of JWT auth", async ({ before, after, changed }) => {
    const mount = `by-${changed.replace(/\W+/g, "-")}`;
    const config = (fields: string) =>
      itemsIn(
        `auth: { ${mount}: { type: jwt, config: { ${fields.replace("PROVIDER", `${server.origin}/v1/identity/oidc`)} } } }`,
      );
    expect(failuresIn((await configure(server.vault, config(`${before}, default_role: kept`))).applied)).toEqual([]);

    const { plan, applied } = await configure(server.vault, config(after));

    expect(linesOf(plan)).toEqual([`update auth/${mount}/config: ${changed}`]);
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, config(after)))).toEqual([]);
    expect((await server.vault.read(`auth/${mount}/config`))?.["data"]).toMatchObject({ default_role: "kept" });
  });

  const role = (fields: string) =>
    itemsIn(
      `secrets: { k8s: { type: kubernetes, roles: { r: { allowed_kubernetes_namespaces: ["*"], ${fields} } } } }`,
    );

  it("are cleared when another is declared: roles of the Kubernetes engine", async () => {
    expect(failuresIn((await configure(server.vault, role("service_account_name: a"))).applied)).toEqual([]);

    for (const [fields, changed] of [
      ["kubernetes_role_name: b", "kubernetes_role_name, service_account_name"],
      ['generated_role_rules: "rules: []"', "generated_role_rules, kubernetes_role_name"],
      ["service_account_name: a", "service_account_name, generated_role_rules"],
    ] as const) {
      const { plan, applied } = await configure(server.vault, role(fields));

      expect(linesOf(plan)).toEqual([`update k8s/roles/r: ${changed}`]);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, role(fields)))).toEqual([]);
    }
  });

  it("are kept when none of them is declared", async () => {
    await configure(server.vault, role("service_account_name: a"));

    const { plan } = await configure(server.vault, role("token_max_ttl: 1h"));

    expect(linesOf(plan)).toEqual(["update k8s/roles/r: token_max_ttl"]);
    expect((await server.vault.read("k8s/roles/r"))?.["data"]).toMatchObject({ service_account_name: "a" });
  });

  it.each(types.filter(({ type, on = kind }) => on === kind && (kind === "vault" || type === "pki")))(
    "are cleared by a type that excludes them: $after of $type",
    async ({ type, before, after, changed }) => {
      const mount = `${type}-${changed.replace(/\W+/g, "-")}-${before.length}`;
      const of = (fields: string) => itemsIn(`secrets: { ${mount}: { type: ${type}, roles: { r: { ${fields} } } } }`);
      expect(failuresIn((await configure(server.vault, of(before))).applied)).toEqual([]);

      const { plan, applied } = await configure(server.vault, of(after));

      expect(linesOf(plan)).toEqual([`update ${mount}/${type === "nomad" ? "role" : "roles"}/r: ${changed}`]);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, of(after)))).toEqual([]);
    },
  );
});
