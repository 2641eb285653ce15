import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { renderPlan } from "../../../../src/configure/render.ts";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { VaultError } from "../../../../src/vault/error.ts";
import {
  concurrency,
  configure,
  failuresIn,
  itemsIn,
  type KindServer,
  linesOf,
  planOf,
  startKindServer,
} from "../harness/fixture.ts";

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

  it("is 1 if the mount was created without a version", async () => {
    const lines = linesOf(await planOf(server.vault, itemsOf('options: { version: "1" }')));

    expect(lines).toEqual([]);
  });

  it("is upgraded to 2 without changing equal values or generating others again", async () => {
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

  it("is upgraded to 2 in place, keeping all data; the plan says that it cannot be undone", async () => {
    const { plan, applied } = await configure(server.vault, upgraded);

    expect(linesOf(plan)).toContain("update kv/a: ours");
    expect(renderPlan(plan, false)).toContain('options: {"version":"1"} -> {"version":"2"} (cannot be undone)');
    expect(failuresIn(applied)).toEqual([]);
    const { data } = (await server.vault.read("kv/data/a")) ?? {};
    expect(data).toMatchObject({ data: { k: "v", other: "by hand", ours: "w" }, metadata: { version: 2 } });
    expect(linesOf(await planOf(server.vault, upgraded))).toEqual([]);
  });

  it("is not downgraded to 1", async () => {
    const { refusals, changes } = await planOf(server.vault, itemsOf('options: { version: "1" }'));

    expect(changes).toEqual([]);
    expect(refusals.map(({ reason }) => reason)).toEqual([
      'secrets mount sys/mounts/kv: options is {"version":"2"} in Vault and {"version":"1"} in the configuration; changing it would destroy the data in it',
    ]);
  });
});

/** The server, but with 'upgrading' errors for the paths that `refuses` selects. `requests` counts requests by method and path. */
function upgrading(vault: Vault, refuses: (path: string, count: number) => boolean) {
  const requests = { read: new Map<string, number>(), write: new Map<string, number>() };
  const refuse = (method: keyof typeof requests, path: string) => {
    const count = (requests[method].get(path) ?? 0) + 1;
    requests[method].set(path, count);
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
  return { refusing, requests };
}

const twentyOf = (value: string) => Array.from({ length: 20 }, (_, i) => `v${i}: ${value}`);
const secrets = (mount: string) =>
  `secrets: { ${mount}: { type: kv, options: { version: "2" }, config: { max_versions: 3 }, values: { ${twentyOf("{ k: v }")} }, metadata: { ${twentyOf("{ max_versions: 3 }")} } } }`;

/** The paths that were requested more than once. If a mount is waited for once, these are the concurrent requests. */
function retried(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].flatMap(([path, count]) => (count > 1 ? [path] : []));
}

describe.each(["vault", "bao"] as const)("a KV mount that is not ready, on %s", (kind) => {
  let server: KindServer;

  beforeAll(async () => {
    server = await startKindServer(kind);
  });
  afterAll(() => server.close());

  it("is retried until it is ready, also by a plan", async () => {
    const items = itemsIn(secrets("soon"));
    await configure(server.vault, items);
    const { refusing, requests } = upgrading(server.vault, (path, count) => path.startsWith("soon/") && count === 1);

    const lines = linesOf(await planOf(refusing, items));

    expect(lines).toEqual([]);
    const counts = [...requests.read].flatMap(([path, count]) => (path.startsWith("soon/") ? [count] : []));
    expect(counts).toEqual(Array.from({ length: 41 }, () => 2));
  });

  it("is waited for once for all its values and their metadata", async () => {
    const items = itemsIn(secrets("late"));
    const { refusing, requests } = upgrading(server.vault, (path) => /^late\/(data|metadata)\//.test(path));

    const { applied } = await configure(refusing, items);

    expect(failuresIn(applied)).toHaveLength(40);
    expect(retried(requests.write)).toHaveLength(concurrency);
  });
});

describe("a KV mount that is not ready, in a namespace", () => {
  it("is waited for separately from a mount of the same name in another namespace", async () => {
    const server = await startKindServer("bao");
    onTestFinished(() => server.close());
    const inside = (namespace: string) => itemsIn(`namespaces: { ${namespace}: { ${secrets("kv")} } }`);
    for (const namespace of ["one", "two"]) await configure(server.vault, inside(namespace));
    const { refusing, requests } = upgrading(
      server.vault,
      (path, count) => path.startsWith("one/kv/") || (path.startsWith("two/kv/") && count === 1),
    );

    expect(linesOf(await planOf(refusing, inside("one")))).toHaveLength(41);
    expect(retried(requests.read)).toHaveLength(concurrency);
    expect(linesOf(await planOf(refusing, inside("two")))).toEqual([]);
  });
});
