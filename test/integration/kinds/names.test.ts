import { describe, expect, it } from "vitest";
import type { Vault } from "../../../src/vault/client.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "./harness/fixture.ts";

async function read(vault: Vault, path: string): Promise<Record<string, unknown>> {
  const { data } = (await vault.read(path)) ?? {};
  return data as Record<string, unknown>;
}

describe.each(["vault", "bao"] as const)("references by name, on %s", (kind) => {
  const server = useKindServer(kind);

  const people = `
auth: { people: { type: userpass, users: { ann: { password: some-password } } } }
policies:
  own: { hcl: 'path "a/{{identity.entity.aliases.{{accessor:auth/people}}.name}}" { capabilities = ["read"] }' }
`;

  it("are shown as declared while the mount is missing, and resolve to its accessor once it exists", async () => {
    const { plan, applied } = await configure(server.vault, itemsIn(people));

    const policy = plan.changes.find(({ item }) => item.path === "sys/policies/acl/own");
    expect(policy?.fields[0]?.after).toContain("{{accessor:auth/people}}");
    expect(failuresIn(applied)).toEqual([]);
    expect((await read(server.vault, "sys/policies/acl/own"))["policy"]).toMatch(/aliases\.auth_userpass_\w+\.name/);
  });

  it("show a difference when the mount was recreated", async () => {
    await server.vault.delete("sys/auth/people");
    await server.vault.write("sys/auth/people", { type: "userpass" });

    const lines = linesOf(await planOf(server.vault, itemsIn(people)));
    const { applied } = await configure(server.vault, itemsIn(people));

    expect(lines).toContain("update sys/policies/acl/own: policy");
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, itemsIn(people)))).toEqual([]);
  });

  it("fail for a missing object with an error that names it, and other objects are still written", async () => {
    const { applied } = await configure(
      server.vault,
      itemsIn('identity: { entities: { bob: { metadata: { a: "{{accessor:auth/nowhere}}" } }, eve: {} } }'),
    );

    expect(failuresIn(applied)).toEqual([
      "identity/entity/name/bob: write identity/entity/name/bob: it names {{accessor:auth/nowhere}}, and Vault has no sys/auth/nowhere",
    ]);
    expect(await read(server.vault, "identity/entity/name/eve")).toMatchObject({ name: "eve" });
  });

  it("move the alias that a login created with another entity", async () => {
    await server.vault.write("auth/people/login/ann", { password: "some-password" });
    const declared = `${people}identity: { entities: { ann: { aliases: { auth/people: { name: ann } } } } }`;

    const { applied } = await configure(server.vault, itemsIn(declared));

    expect(failuresIn(applied)).toEqual([]);
    const { aliases } = await read(server.vault, "identity/entity/name/ann");
    expect(aliases).toMatchObject([{ name: "ann", mount_path: "auth/people/" }]);
    expect(linesOf(await planOf(server.vault, itemsIn(declared)))).toEqual([]);
  });

  it("refuse an MFA method whose name is taken by another type", async () => {
    await configure(server.vault, itemsIn("mfa: { methods: { second: { type: totp, issuer: ours } } }"));
    const other = "mfa: { methods: { second: { type: okta, org_name: o, api_token: some-token } } }";

    const { plan } = await configure(server.vault, itemsIn(other));

    expect(plan.refusals.map(({ reason }) => reason).join()).toContain('type is "totp" in Vault and "okta"');
    const { key_info } = await read(server.vault, "identity/mfa/method?list=true");
    expect(Object.values(key_info as object)).toMatchObject([{ name: "second", type: "totp", issuer: "ours" }]);
  });

  it("of an Okta method may replace the domain that Vault chose", async () => {
    const okta = (domain: string) =>
      itemsIn(`mfa: { methods: { o: { type: okta, org_name: o, api_token: some-token${domain} } } }`);
    await configure(server.vault, okta(""));
    const same = await planOf(server.vault, okta(", production: true"));

    const { plan, applied } = await configure(server.vault, okta(", production: false"));

    expect(linesOf(same)).toEqual([]);
    expect(linesOf(plan)).toEqual(["update identity/mfa/method/o: production"]);
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, okta(", production: false")))).toEqual([]);
    expect(linesOf(await planOf(server.vault, okta(", base_url: okta.com")))).toHaveLength(1);
  });
});
