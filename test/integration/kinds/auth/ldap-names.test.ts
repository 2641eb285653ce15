import { describe, expect, it } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, useKindServer } from "../harness/fixture.ts";

const names = ["Dev", "Ops", "Sales", "Staff"];
const all = (of: string) => names.map((name) => `${name}: ${of}`).join(", ");

function itemsOf(mount: string, caseSensitive: boolean): readonly Item[] {
  const config = `{ url: "ldaps://directory.example.org", case_sensitive_names: ${caseSensitive} }`;
  const inside = `groups: { ${all("{ policies: [default] }")} }, users: { ${all("{ groups: [Dev, ops] }")} }`;
  const yaml = `auth: { ${mount}: { type: ldap, config: ${config}, ${inside} } }`;
  return itemsIn(yaml);
}

/** OpenBao has no LDAP since 2.7.0. */
describe("LDAP group and user names", () => {
  const server = useKindServer("vault");

  it("keep their case in a new mount with case_sensitive_names", async () => {
    const items = itemsOf("exact", true);

    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied)).toEqual([]);
    expect(await server.vault.list("auth/exact/groups")).toEqual(names);
    expect(await server.vault.list("auth/exact/users")).toEqual(names);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });

  it("ignore case in a mount without case_sensitive_names, also in the groups of a user", async () => {
    const items = itemsOf("folded", false);

    const { applied } = await configure(server.vault, items);

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });

  it("differ by case in the groups of a user with case_sensitive_names", async () => {
    await server.vault.write("auth/exact/users/Dev", { groups: "dev,ops" });

    const lines = linesOf(await planOf(server.vault, itemsOf("exact", true)));

    expect(lines).toEqual(["update auth/exact/users/Dev: groups"]);
  });

  it.each([
    ["exact", false],
    ["folded", true],
  ])("refuse a change of case_sensitive_names: %s", async (mount, declared) => {
    const planned = await planOf(server.vault, itemsOf(mount, declared));

    expect(planned.changes.map(({ item }) => item.path)).toEqual([]);
    expect(planned.refusals.map(({ reason, todo }) => ({ reason, todo }))).toEqual([
      {
        reason: `LDAP auth config auth/${mount}/config: case_sensitive_names is ${!declared} in Vault and ${declared} in the configuration; groups and users would lose their policies, since Vault would look up other names than those stored`,
        todo: expect.stringContaining(`vault write auth/${mount}/config case_sensitive_names=${declared}`),
      },
    ]);
  });

  it("take a declared case_sensitive_names in a mount without a config", async () => {
    await server.vault.write("sys/auth/bare", { type: "ldap" });

    const { applied } = await configure(server.vault, itemsOf("bare", true));

    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, itemsOf("bare", true)))).toEqual([]);
  });

  it("are restored after a person follows the todo of the refusal", async () => {
    for (const name of names) {
      await server.vault.delete(`auth/exact/groups/${name}`);
      await server.vault.delete(`auth/exact/users/${name}`);
    }
    await server.vault.write("auth/exact/config", { case_sensitive_names: false });
    await server.vault.write("auth/folded/config", { case_sensitive_names: true });

    for (const items of [itemsOf("exact", false), itemsOf("folded", true)]) {
      const { applied } = await configure(server.vault, items);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server.vault, items))).toEqual([]);
    }
    expect(await server.vault.list("auth/exact/groups")).toEqual(names.map((name) => name.toLowerCase()));
    expect(await server.vault.list("auth/folded/groups")).toEqual(expect.arrayContaining(names));
  });
});
