import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import {
  configure,
  failuresIn,
  filled,
  itemsOf,
  type KindCase,
  type KindServer,
  linesOf,
  planOf,
  type ServerKind,
  startKindServer,
  without,
} from "./fixture.ts";
import { foldNames } from "./folds.ts";
import { alterEach, leaveOthers, refuseEach } from "./steps.ts";

/** Tests every case on a Vault and on an OpenBao of its own. Call it at the top of a test file. */
export function testKinds(area: string, cases: readonly KindCase[], config = ""): void {
  describe.each<ServerKind>(["vault", "bao"])(`${area} on %s`, (kind) => {
    let server: KindServer;
    beforeAll(async () => {
      server = await startKindServer(kind, config);
    });
    afterAll(async () => {
      await server.close();
    });
    for (const each of cases) testCase(each, kind, () => server);
  });
}

function testCase(declared: KindCase, kind: ServerKind, server: () => KindServer): void {
  const lack = declared.lacks?.[kind];
  let each = declared;
  let items: readonly Item[] = [];
  describe(declared.example, () => {
    beforeAll(async () => {
      const values = (await declared.prepare?.(server().vault, server())) ?? {};
      items = await itemsOf(declared.example, values);
      each = { ...declared, alter: JSON.parse(filled(JSON.stringify(declared.alter ?? {}), values)) };
    });
    if (lack !== undefined) {
      it("is refused by an error that names the kind and the server", async () => {
        const { applied } = await configure(server().vault, items);

        const failed = applied.failed.find(({ item }) => item.path === lack.path);
        expect(failed?.error.message).toMatch(lack.error);
      });
      return;
    }
    const unknown = declared.unknown?.[kind];
    if (unknown !== undefined) {
      it("names the fields that this server does not know", async () => {
        const { applied } = await configure(server().vault, items);

        const told = Object.fromEntries(applied.failed.map(({ item, error }) => [item.path, error.message]));
        expect(Object.keys(told).sort()).toEqual(Object.keys(unknown).sort());
        for (const [path, fields] of Object.entries(unknown))
          for (const field of fields) expect(told[path]).toContain(field);
        items = items.map((item) => without(item, unknown[item.path] ?? []));
      });
    }
    it("applies to an empty server; the plan after it is empty", async () => {
      const { plan: first, applied } = await configure(server().vault, items);

      const known = first.changes.filter(({ op, item }) => op === "update" && !each.exists?.includes(item.path));
      if (unknown === undefined) expect(known.map(({ item }) => item.path)).toEqual([]);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server().vault, items))).toEqual([]);
    });
    it("takes names in another case for the same where it says so, and only there", async () => {
      await foldNames(server().vault, items);
    });
    it("shows each field that was altered by hand, and puts it back", async () => {
      await alterEach(server().vault, items, each);
    });
    it("leaves what is not declared as it is", async () => {
      await leaveOthers(server().vault, items, each);
    });
    it("refuses a change of each field that Vault cannot change", async () => {
      await refuseEach(server().vault, items, each);
    });
  });
}
