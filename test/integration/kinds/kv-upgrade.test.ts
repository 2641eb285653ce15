import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderPlan } from "../../../src/config/render.ts";
import type { Item } from "../../../src/resources/kind.ts";
import type { Vault } from "../../../src/vault/client.ts";
import { VaultError } from "../../../src/vault/error.ts";
import { configure, failuresIn, itemsIn, type KindServer, linesOf, planOf, startKindServer } from "./ground.ts";

function itemsOf(mount: string, name = "kv"): readonly Item[] {
  return itemsIn(`secrets: { ${name}: { type: kv, ${mount} } }`);
}

const upgraded = itemsOf('options: { version: "2" }, config: { max_versions: 3 }, values: { a: { k: v, ours: w } }');

describe.each(["vault", "bao"] as const)("the version of a KV mount, on %s", (kind) => {
  let server: KindServer;

  beforeAll(async () => {
    server = await startKindServer(kind);
    await server.vault.write("sys/mounts/kv", { type: "kv" });
    await server.vault.write("kv/a", { k: "v", other: "by hand" });
  });
  afterAll(() => server.close());

  it("is 1 where the mount was made without one", async () => {
    const lines = linesOf(await planOf(server.vault, itemsOf('options: { version: "1" }')));

    expect(lines).toEqual([]);
  });

  it("becomes 2 without a change of values that are as declared: none counts as absent, none is made again", async () => {
    const held = { k: "v", made: "once", other: "by hand" };
    await server.vault.write("sys/mounts/same", { type: "kv" });
    await server.vault.write("same/a", held);
    const items = itemsOf('options: { version: "2" }, values: { a: { k: v, made: { generate: {} } } }', "same");

    const { plan, applied } = await configure(server.vault, items);

    expect(linesOf(plan)).toEqual(["update sys/mounts/same: options"]);
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
    const { data } = (await server.vault.read("same/data/a")) ?? {};
    expect(data).toMatchObject({ data: held, metadata: { version: 1 } });
  });

  it("becomes 2 in place, keeping what the mount holds; the plan says that there is no way back", async () => {
    const { plan, applied } = await configure(server.vault, upgraded);

    expect(linesOf(plan)).toContain("update kv/a: ours");
    expect(renderPlan(plan, false)).toContain('options: {"version":"1"} -> {"version":"2"} (cannot be undone)');
    expect(failuresIn(applied)).toEqual([]);
    const { data } = (await server.vault.read("kv/data/a")) ?? {};
    expect(data).toMatchObject({ data: { k: "v", other: "by hand", ours: "w" }, metadata: { version: 2 } });
    expect(linesOf(await planOf(server.vault, upgraded))).toEqual([]);
  });

  it("is not set back to 1", async () => {
    const { refusals, changes } = await planOf(server.vault, itemsOf('options: { version: "1" }'));

    expect(changes).toEqual([]);
    expect(refusals.map(({ reason }) => reason)).toEqual([
      'secrets mount sys/mounts/kv: options is {"version":"2"} in Vault and {"version":"1"} in the configuration; changing it would destroy the data in it',
    ]);
  });
});

/** The server itself, but it refuses all that is asked of what a KV mount holds. How often each path was to be written. */
function upgrading(vault: Vault, mount: string) {
  const writes = new Map<string, number>();
  const refuse = (path: string) => {
    if (!/^(data|metadata)\//.test(path.slice(mount.length + 1))) return;
    throw new VaultError(path, 400, ["Upgrading from non-versioned to versioned data."]);
  };
  const refusing: Vault = {
    ...vault,
    async read(path, options) {
      refuse(path);
      return await vault.read(path, options);
    },
    async write(path, data, options) {
      writes.set(path, (writes.get(path) ?? 0) + 1);
      refuse(path);
      return await vault.write(path, data, options);
    },
  };
  return { refusing, writes };
}

describe.each([
  ["vault", ""],
  ["bao", "team/"],
] as const)("a KV mount that is not ready for long, on %s (in %j)", (kind, namespace) => {
  it("is waited for once for all its values and their metadata", async () => {
    const server = await startKindServer(kind);
    const of = (what: string) => Array.from({ length: 20 }, (_, i) => `v${i}: ${what}`);
    const mount = `kv: { type: kv, options: { version: "2" }, values: { ${of("{ k: v }")} }, metadata: { ${of("{ max_versions: 3 }")} } }`;
    const secrets = `secrets: { ${mount} }`;
    const items = itemsIn(namespace === "" ? secrets : `namespaces: { team: { ${secrets} } }`);
    const { refusing, writes } = upgrading(server.vault, `${namespace}kv`);

    const { applied } = await configure(refusing, items);

    expect(failuresIn(applied)).toHaveLength(40);
    // as many as may wait at once
    expect([...writes.values()].filter((count) => count > 1)).toHaveLength(8);
    await server.close();
  });
});
