import { expect } from "vitest";
import type { Item } from "../../../../src/kinds/model/kind.ts";
import { isField } from "../../../../src/kinds/model/spec.ts";
import type { Vault } from "../../../../src/vault/client.ts";
import { alterationsOf } from "./alter.ts";
import { configure, failuresIn, type KindCase, linesOf, planOf } from "./fixture.ts";

/** Alters each field outside of the configuration: the plan must show it, and apply must restore it. */
export async function restoreEach(
  vault: Vault,
  items: readonly Item[],
  { alter = {}, byHand = [] }: KindCase,
): Promise<void> {
  for (const item of items) {
    for (const { field, desired } of alterationsOf(item, alter[item.path] ?? {}, false)) {
      await writeByHand(vault, item, desired, field);
      await checkRestored(vault, items, item.path, field);
    }
  }
  for (const { path, alter: alterByHand } of byHand) {
    await alterByHand(vault);
    await checkRestored(vault, items, path);
  }
}

/** Writes one altered field of each object, with required fields only: apply must then change only that field. */
export async function keepUndeclared(
  vault: Vault,
  items: readonly Item[],
  { alter = {}, requiredFields = {} }: KindCase,
) {
  for (const item of items) {
    const [first] = alterationsOf(item, alter[item.path] ?? {}, false);
    if (first === undefined) continue;
    const { field } = first;
    await writeByHand(
      vault,
      item,
      requiredAnd(item, first.desired, [field, ...(requiredFields[item.path] ?? [])]),
      field,
    );

    const { plan: planned, applied } = await configure(vault, items);

    const changed = planned.changes.map((change) => [change.item.path, change.fields.map((each) => each.field)]);
    expect(changed, `${item.path} ${field}`).toEqual([[item.path, [field]]]);
    expect(failuresIn(applied)).toEqual([]);
  }
}

/** These fields, and all required, create-only and write-only ones, which Vault may need at every write. */
function requiredAnd({ kind, desired }: Item, altered: Item["desired"], fields: readonly string[]): Item["desired"] {
  const isSent = (name: string) => {
    const spec = kind.fields?.[name];
    if (spec === undefined || fields.some((field) => field.split(".")[0] === name)) return true;
    return isField(spec) && (spec.required === true || spec.createOnly === true || spec.writeOnly === true);
  };
  return Object.fromEntries(
    Object.keys(desired)
      .filter(isSent)
      .map((name) => [name, altered[name]]),
  );
}

async function writeByHand(vault: Vault, item: Item, desired: Item["desired"], field: string): Promise<void> {
  const altered = [{ ...item, desired }];
  const { plan: planned, applied } = await configure(vault, altered);
  expect(
    [...linesOf(planned).filter((line) => !line.startsWith("update")), ...failuresIn(applied)],
    `${item.path} ${field}`,
  ).toEqual([]);
}

async function checkRestored(vault: Vault, items: readonly Item[], path: string, field?: string): Promise<void> {
  const { plan: planned, applied } = await configure(vault, items);

  const lines = linesOf(planned);
  expect(
    lines.map((line) => line.split(" ")[1]),
    `${path} ${field ?? ""}`,
  ).toContain(`${path}:`);
  if (field !== undefined) {
    const change = planned.changes.find(({ item }) => item.path === path);
    expect(change?.fields.map((each) => each.field)).toContain(field);
  }
  expect(failuresIn(applied), `${path} ${field ?? ""}`).toEqual([]);
  expect(linesOf(await planOf(vault, items)), `after ${path} ${field ?? ""}`).toEqual([]);
}

/** Declares another value for each create-only field: the plan must refuse it. */
export async function refuseCreateOnly(vault: Vault, items: readonly Item[], { alter = {} }: KindCase): Promise<void> {
  for (const item of items) {
    for (const { field, desired } of alterationsOf(item, alter[item.path] ?? {}, true)) {
      const { refusals, changes } = await planOf(vault, [{ ...item, desired }]);

      expect(changes, `${item.path} ${field}`).toEqual([]);
      expect(refusals.map(({ reason }) => reason).join(), `${item.path} ${field}`).toContain(field);
    }
  }
}
