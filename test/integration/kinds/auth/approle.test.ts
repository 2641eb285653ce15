import { describe, expect, it } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "../harness/fixture.ts";

const server = useKindServer("vault");

function desired(settings: string, version = "2"): readonly Item[] {
  const text = `
auth:
  approle:
    type: approle
    roles:
      app: { role_id: app-role, secret_ids: { logins/deep/app: ${settings} }, token_ttl: 5m }
secrets:
  logins: { type: kv, options: { version: "${version}" } }
`;
  return itemsIn(text);
}

type Stored = { readonly role_id: string; readonly secret_id: string; readonly secret_id_accessor: string };

async function stored(): Promise<Stored> {
  const { data } = (await server.vault.read("logins/data/deep/app")) ?? {};
  return (data as { data: Stored }).data;
}

async function logIn({ role_id, secret_id }: Stored): Promise<boolean> {
  const answer = await server.vault.write("auth/approle/login", { role_id, secret_id }).catch(() => undefined);
  return answer?.["auth"] !== undefined;
}

describe("an AppRole secret ID", () => {
  it("is generated once and stored with the role ID", async () => {
    const { plan, applied } = await configure(server.vault, desired("{ num_uses: 10, ttl: 1h }"));
    const first = await stored();
    const again = await planOf(server.vault, desired("{ num_uses: 10, ttl: 1h }"));

    expect(failuresIn(applied)).toEqual([]);
    expect(first.role_id).toBe("app-role");
    expect(first.secret_id).toMatch(/^[A-Za-z0-9]{43}$/);
    expect(JSON.stringify(plan.changes.map(({ fields }) => fields))).not.toContain(first.secret_id);
    expect(await logIn(first)).toBe(true);
    expect(linesOf(again)).toEqual([]);
  });

  it("is not replaced when some of its uses are spent", async () => {
    await logIn(await stored());

    expect(linesOf(await planOf(server.vault, desired("{ num_uses: 10, ttl: 1h }")))).toEqual([]);
  });

  it("is replaced and destroyed when its settings change; other keys of the KV value are kept", async () => {
    const old = await stored();
    await server.vault.write("logins/data/deep/app", { data: { ...old, note: "by hand" } });

    const { plan, applied } = await configure(server.vault, desired("{ num_uses: 20, ttl: 2h }"));

    expect(linesOf(plan)).toEqual(["update logins/deep/app/secret_id: secret_id, ttl"]);
    expect(failuresIn(applied)).toEqual([]);
    const next = await stored();
    expect(next).toMatchObject({ role_id: "app-role", note: "by hand" });
    expect(await logIn(old)).toBe(false);
    expect(await logIn(next)).toBe(true);
  });

  it("is planned with its role, and generated, when somebody has deleted the role", async () => {
    const old = await stored();
    await server.vault.delete("auth/approle/role/app");

    const { plan, applied } = await configure(server.vault, desired("{ num_uses: 20, ttl: 2h }"));

    expect(linesOf(plan).sort()).toEqual([
      "create auth/approle/role/app/role-id: role_id",
      "create auth/approle/role/app: token_ttl",
      "create logins/deep/app/secret_id: secret_id, num_uses, ttl",
    ]);
    expect(failuresIn(applied)).toEqual([]);
    expect(await logIn(old)).toBe(false);
    expect(await logIn(await stored())).toBe(true);
  });

  it("is kept when Vault rejects the new settings", async () => {
    const before = await stored();

    const { applied } = await configure(server.vault, desired("{ cidr_list: [no-address] }"));

    expect(applied.failed.map(({ item }) => item.path)).toEqual(["logins/deep/app/secret_id"]);
    expect(await stored()).toMatchObject(before);
    expect(await logIn(before)).toBe(true);
  });

  it("is refused without creating a secret ID if no KV engine is mounted", async () => {
    const items = desired("{ ttl: 1h }").filter(({ path }) => path !== "sys/mounts/logins");
    await server.vault.delete("sys/mounts/logins");
    const before = await server.vault.list("auth/approle/role/app/secret-id");

    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied).join()).toContain("no KV engine is mounted above logins/deep/app");
    expect(await server.vault.list("auth/approle/role/app/secret-id")).toEqual(before);
  });
});
