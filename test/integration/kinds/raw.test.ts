import { describe, expect, it } from "vitest";
import type { Item } from "../../../src/kinds/model/kind.ts";
import { configure, failuresIn, itemsIn, linesOf, planOf, type ServerKind, useKindServer } from "./harness/fixture.ts";

function itemsOf(path: string, raw: object): readonly Item[] {
  return itemsIn(JSON.stringify({ raw: { [path]: raw } }));
}

describe.each<ServerKind>(["vault", "bao"])("a raw path, on %s", (kind) => {
  const server = useKindServer(kind);

  it.each([
    [
      "with a list that Vault extends",
      "sys/config/cors",
      "update sys/config/cors: data.allowed_origins, data.allowed_headers",
      {
        data: { allowed_origins: ["https://a.example.org"], allowed_headers: ["X-One", "X-Two"] },
        open_lists: ["allowed_headers"],
      },
    ],
    [
      "with a duration that Vault returns in another form",
      "sys/rotate/config",
      "update sys/rotate/config: data.interval",
      { data: { interval: "2000h" } },
    ],
    [
      "that Vault returns under its name, or fails to read if it is missing",
      "sys/config/auditing/request-headers/X-Tenant",
      "create sys/config/auditing/request-headers/X-Tenant: data.hmac",
      { data: { hmac: true } },
    ],
    [
      "with several values, of which Vault returns one by default",
      "sys/config/ui/headers/X-Custom",
      "create sys/config/ui/headers/X-Custom: data.values",
      { data: { values: ["one", "two"] } },
    ],
  ])("can be an object %s", async (_title, path, line, raw) => {
    const items = itemsOf(path, raw);

    const { plan, applied } = await configure(server.vault, items);

    expect(linesOf(plan).map((each) => each.replace(/, data\.(enabled|max_operations)/g, ""))).toEqual([line]);
    expect(failuresIn(applied)).toEqual([]);
    expect(linesOf(await planOf(server.vault, items))).toEqual([]);
  });

  it("shows fields that a write may reset, and keeps them with keep", async () => {
    const quota = "sys/quotas/rate-limit/logins";
    await server.vault.write(quota, { rate: 5, path: "sys/", block_interval: "1m" });

    const kept = await configure(server.vault, itemsOf(quota, { data: { rate: 6 }, keep: true }));
    const held = await server.vault.read(quota);
    const bare = await planOf(server.vault, itemsOf(quota, { data: { rate: 7 } }));

    expect(linesOf(kept.plan)).toEqual([`update ${quota}: data.rate`]);
    expect(failuresIn(kept.applied)).toEqual([]);
    expect(held).toMatchObject({ data: { rate: 6, path: "sys/", block_interval: 60 } });
    expect(bare.changes[0]?.fields).toEqual(
      expect.arrayContaining([
        { field: "data.rate", secret: true, note: "differs" },
        { field: "data.path", secret: true, note: "not declared, so perhaps reset" },
        { field: "data.block_interval", secret: true, note: "not declared, so perhaps reset" },
      ]),
    );
  });
});
