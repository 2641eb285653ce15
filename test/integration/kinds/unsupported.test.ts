import { describe, expect, it, onTestFinished } from "vitest";
import type { Vault } from "../../../src/vault/client.ts";
import { makeReady } from "../../helpers/ready-vault.ts";
import { startVault } from "../../helpers/vault-servers.ts";
import { configure, failuresIn, itemsIn, linesOf, startKindServer, useKindServer } from "./harness/fixture.ts";

describe.each(["vault", "bao"] as const)("an invalid name on %s", (kind) => {
  const server = useKindServer(kind);

  it.each([
    [
      "of a user",
      "auth: { people: { type: userpass, users: { 'jo hn': { password: some-password } } } }",
      "Vault does not accept this name for a userpass user",
    ],
    [
      "of a role, with a slash in it",
      "auth: { k: { type: kubernetes, roles: { b/c: { bound_service_account_names: a, bound_service_account_namespaces: b } } } }",
      "Vault does not accept this name for a Kubernetes auth role",
    ],
    [
      "of a parent mount",
      "secrets: { sub: { type: pki, intermediate: { parent: nope, common_name: a.example } } }",
      "nothing is mounted for nope/",
    ],
    [
      "of a plugin",
      "secrets: { db: { type: database, connections: { c: { plugin_name: nosuch } } } }",
      "there is no plugin nosuch",
    ],
  ])("is reported as such, not as an unsupported kind: %s", async (_, yaml, message) => {
    const { applied } = await configure(server.vault, itemsIn(yaml));

    expect(applied.failed.map(({ error }) => error.message)).toEqual([expect.stringContaining(message)]);
    expect(applied.failed.map(({ error }) => error.message).join()).not.toMatch(/has no|[\t\n]/);
  });
});

describe("a plugin that OpenBao removed", () => {
  const server = useKindServer("bao");

  it.each([
    ["auth: { left: { type: ldap } }", "auth", "ldap"],
    ["auth: { left: { type: plugin, plugin_name: kerberos } }", "auth", "kerberos"],
    ["auth: { left: { type: plugin, plugin_name: radius } }", "auth", "radius"],
    ["secrets: { left: { type: ldap } }", "secret", "ldap"],
  ])("is named, with the version that left it out and the way to get it back: %s", async (yaml, catalog, plugin) => {
    const { applied } = await configure(server.vault, itemsIn(yaml));

    expect(applied.failed.map(({ error }) => ({ message: error.message, todo: error.todo }))).toEqual([
      {
        message: expect.stringMatching(
          new RegExp(
            `OpenBao 2\\.7\\.2 has no .+ type ${plugin}: the ${catalog} plugin ${plugin} is not built into OpenBao since 2\\.7\\.0$`,
          ),
        ),
        todo: expect.stringContaining(`declare it under plugins.${catalog}.${plugin}`),
      },
    ]);
  });

  it("is not confused with one that OpenBao never had", async () => {
    const { applied } = await configure(server.vault, itemsIn("auth: { never: { type: github } }"));

    expect(failuresIn(applied)).toEqual([expect.stringMatching(/OpenBao \S+ has no auth mount of type github/)]);
    expect(failuresIn(applied).join()).not.toContain("not built into OpenBao");
  });
});

describe("a mount that was made before OpenBao removed its plugin", () => {
  it("is explained by the first object in it that is written", async () => {
    const servers = await startVault({ kind: "bao", config: "raw_storage_endpoint = true\n" });
    const { vault, share } = await makeReady(servers.addresses[0] ?? "");
    onTestFinished(async () => {
      await vault.close();
      await servers.close();
    });
    await vault.write("sys/auth/old", { type: "userpass" });
    await rewriteType(vault, "ldap");
    await vault.write("sys/seal", {});
    await vault.write("sys/unseal", { key: share });

    const { plan, applied } = await configure(vault, itemsIn("auth: { old: { type: ldap, groups: { a: {} } } }"));

    expect(linesOf(plan)).toEqual(["create auth/old/groups/a: "]);
    expect(failuresIn(applied)).toEqual([
      expect.stringMatching(
        /OpenBao \S+ has no LDAP group: the auth plugin ldap is not built into OpenBao since 2\.7\.0$/,
      ),
    ]);
  });
});

/** Changes the type of the mount auth/old in storage, as an older OpenBao would have written it. */
async function rewriteType(vault: Vault, type: string): Promise<void> {
  for (const id of await vault.list("sys/raw/core/auth")) {
    const stored = (await vault.read(`sys/raw/core/auth/${id}`))?.["data"] as { value: string };
    const mount = JSON.parse(stored.value) as { path: string };
    if (mount.path !== "old/") continue;
    await vault.write(`sys/raw/core/auth/${id}`, { value: JSON.stringify({ ...mount, type }) });
  }
}

describe("an unsupported path", () => {
  it("is reported as such in a namespace too, not as an invalid name", async () => {
    const server = await startKindServer("bao");
    onTestFinished(() => server.close());
    const inside = "secrets: { t: { type: transit } }, raw: { t/nosuch/ab/c/d/e: { data: { f: g } } }";

    const { applied } = await configure(server.vault, itemsIn(`namespaces: { team: { ${inside} } }`));

    expect(failuresIn(applied)).toEqual([
      expect.stringMatching(/team\/t\/nosuch\/ab\/c\/d\/e: OpenBao \S+ has no path/),
    ]);
  });
});
