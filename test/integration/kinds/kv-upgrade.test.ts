import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderPlan } from "../../../src/config/render.ts";
import type { Item } from "../../../src/resources/kind.ts";
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
