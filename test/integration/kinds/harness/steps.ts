import { expect } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { isField } from "../../../../src/kinds/model/spec.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { alterationsOf } from "./alter.ts";
import { configure, failuresIn, type KindCase, linesOf, planOf } from "./fixture.ts";

/** Alters each field by hand, sees the plan show it, and has it put back. */
export async function alterEach(
  vault: Vault,
  items: readonly Item[],
  { alter = {}, byHand = [] }: KindCase,
): Promise<void> {
  for (const item of items) {
    for (const { field, desired } of alterationsOf(item, alter[item.path] ?? {}, false)) {
      await writeByHand(vault, item, desired, field);
      await seePutBack(vault, items, item.path, field);
    }
  }
  for (const { path, by } of byHand) {
    await by(vault);
    await seePutBack(vault, items, path);
  }
}

/** Declares of each object one field alone, altered, with what must always be there: no other field may change by that. */
export async function leaveOthers(vault: Vault, items: readonly Item[], { alter = {}, needs = {} }: KindCase) {
  for (const item of items) {
    const [first] = alterationsOf(item, alter[item.path] ?? {}, false);
    if (first === undefined) continue;
    const { field } = first;
    await writeByHand(vault, item, onlyNeeded(item, first.desired, [field, ...(needs[item.path] ?? [])]), field);

    const { plan: wanted, applied } = await configure(vault, items);

    const changed = wanted.changes.map((change) => [change.item.path, change.fields.map((each) => each.field)]);
    expect(changed, `${item.path} ${field}`).toEqual([[item.path, [field]]]);
    expect(failuresIn(applied)).toEqual([]);
  }
}

/** These fields, what must be there, and what Vault never tells (it may need it at every write). */
function onlyNeeded({ kind, desired }: Item, altered: Item["desired"], fields: readonly string[]): Item["desired"] {
  const isNeeded = (name: string) => {
    const spec = kind.fields?.[name];
    if (spec === undefined || fields.some((field) => field.split(".")[0] === name)) return true;
    return isField(spec) && (spec.required === true || spec.createOnly === true || spec.writeOnly === true);
  };
  return Object.fromEntries(
    Object.keys(desired)
      .filter(isNeeded)
      .map((name) => [name, altered[name]]),
  );
}

async function writeByHand(vault: Vault, item: Item, desired: Item["desired"], field: string): Promise<void> {
  const altered = [{ ...item, desired }];
  const { plan: wanted, applied } = await configure(vault, altered);
  expect(
    [...linesOf(wanted).filter((line) => !line.startsWith("update")), ...failuresIn(applied)],
    `${item.path} ${field}`,
  ).toEqual([]);
}

async function seePutBack(vault: Vault, items: readonly Item[], path: string, field?: string): Promise<void> {
  const { plan: wanted, applied } = await configure(vault, items);

  const lines = linesOf(wanted);
  expect(
    lines.map((line) => line.split(" ")[1]),
    `${path} ${field ?? ""}`,
  ).toContain(`${path}:`);
  if (field !== undefined) {
    const change = wanted.changes.find(({ item }) => item.path === path);
    expect(change?.fields.map((each) => each.field)).toContain(field);
  }
  expect(failuresIn(applied), `${path} ${field ?? ""}`).toEqual([]);
  expect(linesOf(await planOf(vault, items)), `after ${path} ${field ?? ""}`).toEqual([]);
}

/** Declares another value for each field that Vault cannot change: it must be refused. */
export async function refuseEach(vault: Vault, items: readonly Item[], { alter = {} }: KindCase): Promise<void> {
  for (const item of items) {
    for (const { field, desired } of alterationsOf(item, alter[item.path] ?? {}, true)) {
      const { refusals, changes } = await planOf(vault, [{ ...item, desired }]);

      expect(changes, `${item.path} ${field}`).toEqual([]);
      expect(refusals.map(({ reason }) => reason).join(), `${item.path} ${field}`).toContain(field);
    }
  }
}
