import { describe, expect, it } from "vitest";
import { configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "./harness/fixture.ts";

const template = Buffer.from('{"groups": {{identity.entity.groups.names}}}\n').toString("base64");
const role = (key_type: string) => `{ key_type: ${key_type}, key_bits: 0, signature_bits: 0 }`;

/** Values that Vault stores in another form than declared. */
const cases: readonly (readonly [title: string, declared: string])[] = [
  ["an LDAP URL in capitals", "auth: { ldap: { type: ldap, config: { url: LDAPS://Directory.Example.org } } }"],
  [
    "IPv6 networks in any form",
    'auth: { people: { type: userpass, users: { a: { password: p, token_bound_cidrs: ["2001:DB8:0::/32", "2001:0db8::0:1"] } } } }',
  ],
  ...["rsa", "ec", "ed25519", "any"].map(
    (type) =>
      [`the default sizes of ${type}`, `secrets: { pki: { type: pki, roles: { ${type}: ${role(type)} } } }`] as const,
  ),
  [
    "one key length instead of a list",
    "secrets: { ssh: { type: ssh, roles: { r: { key_type: ca, allow_user_certificates: true, allowed_user_key_lengths: { rsa: 2048 } } } } }",
  ],
  [
    "templates in base64",
    `identity: { oidc: { roles: { r: { key: default, template: ${template} } }, scopes: { s: { template: ${template} } } } }`,
  ],
];

describe.each(["vault", "bao"] as const)("a value in another form than stored by %s", (kind) => {
  const server = useKindServer(kind);

  it.each(cases)("is written, and the next plan is empty: %s", async (_, declared) => {
    const items = itemsIn(declared);

    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });
});
