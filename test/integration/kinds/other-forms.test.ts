import { describe, expect, it } from "vitest";
import { configure, failuresIn, itemsIn, linesOf, planOf, type ServerKind, useKindServer } from "./harness/fixture.ts";

const template = Buffer.from('{"groups": {{identity.entity.groups.names}}}\n').toString("base64");
const role = (key_type: string) => `{ key_type: ${key_type}, key_bits: 0, signature_bits: 0 }`;

type Case = readonly [title: string, declared: string];

/** Values that both servers store in another form than declared. */
const cases: readonly Case[] = [
  [
    "IPv6 networks in any form",
    'auth: { people: { type: userpass, users: { a: { password: p, token_bound_cidrs: ["2001:DB8:0::/32", "2001:0db8::0:1"] } } } }',
  ],
  ...["rsa", "ec", "ed25519", "any"].map(
    (type): Case => [
      `the default sizes of ${type}`,
      `secrets: { pki: { type: pki, roles: { ${type}: ${role(type)} } } }`,
    ],
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

/** The same for kinds and fields that only one server has. OpenBao has no LDAP since 2.7.0. */
const onlyOn: Readonly<Record<ServerKind, readonly Case[]>> = {
  vault: [
    ["an LDAP URL in capitals", "auth: { ldap: { type: ldap, config: { url: LDAPS://Directory.Example.org } } }"],
  ],
  bao: [["a time in another zone", "policies: { p: { hcl: 'path \"a\" {}', expiration: 2099-01-01T00:30:00+02:00 } }"]],
};

describe.each(["vault", "bao"] as const)("a value in another form than stored by %s", (kind) => {
  const server = useKindServer(kind);

  it.each([...cases, ...onlyOn[kind]])("is written, and the next plan is empty: %s", async (_, declared) => {
    const items = itemsIn(declared);

    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });
});
