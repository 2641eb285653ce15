import type { Difference, Item } from "../../kinds/model/kind.ts";
import { sourcesOf } from "../../kinds/model/secret-reference.ts";
import type { Values } from "../../kinds/model/values.ts";
import type { WriteOnly } from "../../kinds/model/write-only-fields.ts";
import { hashOf, writeOnlyOf } from "./hash.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Adds to a difference the write-only fields whose declared value differs from the last written one.
 * A field that the ledger does not know is written, because a person has just declared it, or a run was interrupted between
 * the write and its record. A field that Vault has rotated is not, because the declared value may be invalid by now.
 *
 * @param ledger undefined if it was lost; then no write-only field counts as changed
 * @param difference the difference of all other fields; undefined if there is none
 * @param live the object as Vault returns it
 */
export function addWriteOnlyChanges(
  ledger: Ledger | undefined,
  item: Item,
  difference: Difference | undefined,
  live: Values = {},
): Difference | undefined {
  if (ledger === undefined || difference?.op === "refuse" || difference?.op === "create") return difference;
  const known = difference?.fields ?? [];
  const isKnown = ({ field }: WriteOnly) => known.some((each) => each.field === field);
  const changed = changedFields(ledger, item, item.kind.rotated?.(live) ?? []).filter((each) => !isKnown(each));
  if (changed.length === 0) return difference;
  const createOnly = changed.find((each) => each.createOnly);
  if (createOnly !== undefined) return refuse(item, createOnly.field);
  const fields = changed.map(({ field }) => ({ field, secret: true, writeOnly: true, note: "differs" }) as const);
  const sideEffects = difference === undefined ? item.kind.sideEffects?.(item, live) : undefined;
  if (sideEffects?.op === "refuse") return sideEffects;
  return { op: "update", fields: [...known, ...fields, ...(sideEffects?.fields ?? [])] };
}

function changedFields(ledger: Ledger, item: Item, rotated: readonly string[]): WriteOnly[] {
  const known = ledger.objects.get(item.path)?.hashes ?? {};
  return writeOnlyOf(item).filter((each) => {
    const hash = known[each.field];
    // a create-only field cannot be written, so do not refuse because its value is unknown
    if (hash === undefined) return !each.createOnly && !rotated.includes(each.field);
    return !each.isUnread && hash !== hashOf(ledger, item.path, each);
  });
}

function refuse({ kind, path, secrets = [] }: Item, field: string): Difference {
  const [source] = sourcesOf(secrets, field);
  const where = source === undefined ? "in the configuration" : `of key ${source.key} of Secret ${source.secret}`;
  return {
    op: "refuse",
    reason: `${kind.name} ${path}: ${field} differs from the value that it was created with, and Vault cannot change it`,
    todo: `Restore the former value ${where}. Or, if its data may be lost, delete the object in Vault by hand.`,
  };
}

/** Whether a plan of these objects needs the ledger: one of them has a write-only field. */
export function needsLedger(items: readonly Item[]): boolean {
  return items.some((item) => writeOnlyOf(item).length > 0);
}
