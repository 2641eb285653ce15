import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { alterationsOf } from "./alter.ts";
import {
  configure,
  failuresIn,
  itemsOf,
  type KindCase,
  type KindServer,
  linesOf,
  planOf,
  replaceAll,
  type ServerKind,
  startKindServer,
  without,
} from "./fixture.ts";
import { checkNameCase } from "./name-case.ts";
import { keepUndeclared, refuseCreateOnly, restoreEach } from "./steps.ts";

/** Tests every case on its own Vault and OpenBao server. Call it at the top level of a test file. */
export function testKinds(area: string, cases: readonly KindCase[], config = ""): void {
  describe.each<ServerKind>(["vault", "bao"])(`${area} on %s`, (kind) => {
    let server: KindServer;
    beforeAll(async () => {
      server = await startKindServer(kind, config);
    });
    afterAll(async () => {
      await server.close();
    });
    for (const each of cases) {
      if (each.unsupported?.[kind] === undefined) testSupported(each, kind, () => server);
      else testUnsupported(each, kind, () => server);
    }
  });
}

function testUnsupported(declared: KindCase, kind: ServerKind, server: () => KindServer): void {
  it(`${declared.example} fails with an error that names the kind and the server`, async () => {
    const { items } = await prepared(declared, server());

    const { applied } = await configure(server().vault, items);

    const failed = applied.failed.find(({ item }) => item.path === declared.unsupported?.[kind]?.path);
    expect(failed?.error.message).toMatch(declared.unsupported?.[kind]?.error ?? expect.fail("not unsupported"));
  });
}

function testSupported(declared: KindCase, kind: ServerKind, server: () => KindServer): void {
  const unsupportedFields = declared.unsupportedFields?.[kind];
  let each = declared;
  let items: readonly Item[] = [];
  describe(declared.example, async () => {
    const alterable = await alterationCounts(declared, unsupportedFields ?? {});
    beforeAll(async () => {
      ({ each, items } = await prepared(declared, server()));
    });
    if (unsupportedFields !== undefined) {
      it("fails with errors that name the fields that the server does not support", async () => {
        const { applied } = await configure(server().vault, items);

        const errors = Object.fromEntries(applied.failed.map(({ item, error }) => [item.path, error.message]));
        expect(Object.keys(errors).sort()).toEqual(Object.keys(unsupportedFields).sort());
        for (const [path, fields] of Object.entries(unsupportedFields))
          for (const field of fields) expect(errors[path]).toContain(field);
        items = supportedOf(items, unsupportedFields);
      });
    }
    it("applies to a new server, and the next plan is empty", async () => {
      const { plan: first, applied } = await configure(server().vault, items);

      const updates = first.changes.filter(({ op, item }) => op === "update" && !each.preexisting?.includes(item.path));
      if (unsupportedFields === undefined) expect(updates.map(({ item }) => item.path)).toEqual([]);
      expect(failuresIn(applied)).toEqual([]);
      expect(linesOf(await planOf(server().vault, items))).toEqual([]);
    });
    it("is found by names in upper case only if its kind ignores case", async () => {
      await checkNameCase(server().vault, items);
    });
    if (alterable.fields + alterable.byHand > 0)
      it("plans and restores each altered field", async () => {
        await restoreEach(server().vault, items, each);
      });
    if (alterable.fields > 0)
      it("keeps undeclared fields", async () => {
        await keepUndeclared(server().vault, items, each);
      });
    if (alterable.createOnly > 0)
      it("refuses a change of each create-only field", async () => {
        await refuseCreateOnly(server().vault, items, each);
      });
  });
}

type Unsupported = Readonly<Record<string, readonly string[]>>;

function supportedOf(items: readonly Item[], unsupported: Unsupported): readonly Item[] {
  return items.map((item) => without(item, unsupported[item.path] ?? []));
}

/** The case and its items, after its own preparation of the server. */
async function prepared(declared: KindCase, server: KindServer): Promise<{ each: KindCase; items: readonly Item[] }> {
  const values = (await declared.prepare?.(server.vault, server)) ?? {};
  const alter = JSON.parse(replaceAll(JSON.stringify(declared.alter ?? {}), values));
  return { each: { ...declared, alter }, items: await itemsOf(declared.example, values) };
}

/** How many alterations each test has. Without any, the test would assert nothing. */
async function alterationCounts({ example, alter = {}, byHand = [] }: KindCase, unsupported: Unsupported) {
  const items = supportedOf(await itemsOf(example), unsupported);
  const count = (createOnly: boolean) =>
    items.flatMap((item) => alterationsOf(item, alter[item.path] ?? {}, createOnly)).length;
  return { fields: count(false), createOnly: count(true), byHand: byHand.length };
}
