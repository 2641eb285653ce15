import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { renderPlan } from "../../../src/configure/render.ts";
import type { Item } from "../../../src/kinds/model/kind.ts";
import type { Vault } from "../../../src/vault/client.ts";
import { VaultError } from "../../../src/vault/error.ts";
import {
  concurrency,
  configure,
  failuresIn,
  itemsIn,
  type KindServer,
  linesOf,
  planOf,
  startKindServer,
} from "./harness/fixture.ts";

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

/** The server itself, but it refuses what of a mount's paths is to be refused. How often each path was asked for, by method. */
function upgrading(vault: Vault, refuses: (path: string, count: number) => boolean) {
  const asked = { read: new Map<string, number>(), write: new Map<string, number>() };
  const refuse = (method: keyof typeof asked, path: string) => {
    const count = (asked[method].get(path) ?? 0) + 1;
    asked[method].set(path, count);
    if (refuses(path, count)) throw new VaultError(path, 400, ["Upgrading from non-versioned to versioned data."]);
  };
  const refusing: Vault = {
    ...vault,
    async read(path, options) {
      refuse("read", path);
      return await vault.read(path, options);
    },
    async write(path, data, options) {
      refuse("write", path);
      return await vault.write(path, data, options);
    },
  };
  return { refusing, asked };
}

const each = (what: string) => Array.from({ length: 20 }, (_, i) => `v${i}: ${what}`);
const secrets = (mount: string) =>
  `secrets: { ${mount}: { type: kv, options: { version: "2" }, config: { max_versions: 3 }, values: { ${each("{ k: v }")} }, metadata: { ${each("{ max_versions: 3 }")} } } }`;

/** What was tried more than once; where a mount is waited for once, that is as much as may be asked for at once. */
function waitedFor(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].flatMap(([path, count]) => (count > 1 ? [path] : []));
}

describe.each(["vault", "bao"] as const)("a KV mount that is not ready, on %s", (kind) => {
  let server: KindServer;

  beforeAll(async () => {
    server = await startKindServer(kind);
  });
  afterAll(() => server.close());

  it("is asked anew until it is ready, also by a plan", async () => {
    const items = itemsIn(secrets("soon"));
    await configure(server.vault, items);
    const { refusing, asked } = upgrading(server.vault, (path, count) => path.startsWith("soon/") && count === 1);

    const lines = linesOf(await planOf(refusing, items));

    expect(lines).toEqual([]);
    const counts = [...asked.read].flatMap(([path, count]) => (path.startsWith("soon/") ? [count] : []));
    expect(counts).toEqual(Array.from({ length: 41 }, () => 2));
  });

  it("is waited for once for all its values and their metadata", async () => {
    const items = itemsIn(secrets("late"));
    const { refusing, asked } = upgrading(server.vault, (path) => /^late\/(data|metadata)\//.test(path));

    const { applied } = await configure(refusing, items);

    expect(failuresIn(applied)).toHaveLength(40);
    expect(waitedFor(asked.write)).toHaveLength(concurrency);
  });
});

describe("a KV mount that is not ready, in a namespace", () => {
  it("is waited for in its own namespace, and takes no patience from one of its name in another", async () => {
    const server = await startKindServer("bao");
    onTestFinished(() => server.close());
    const inside = (namespace: string) => itemsIn(`namespaces: { ${namespace}: { ${secrets("kv")} } }`);
    for (const namespace of ["one", "two"]) await configure(server.vault, inside(namespace));
    const { refusing, asked } = upgrading(
      server.vault,
      (path, count) => path.startsWith("one/kv/") || (path.startsWith("two/kv/") && count === 1),
    );

    expect(linesOf(await planOf(refusing, inside("one")))).toHaveLength(41);
    expect(waitedFor(asked.read)).toHaveLength(concurrency);
    expect(linesOf(await planOf(refusing, inside("two")))).toEqual([]);
  });
});
