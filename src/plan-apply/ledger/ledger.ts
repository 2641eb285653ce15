import { createHmac, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Difference, Item } from "../../kinds/model/kind.ts";
import type { Values } from "../../kinds/model/values.ts";
import { type WriteOnly, writeOnlyIn } from "../../kinds/model/write-only.ts";

/**
 * The objects that `configure` has applied in one Vault, with a keyed hash of the last written value of each write-only
 * field, since Vault does not return those (docs/adr/0013-ledger.md).
 */
export type Ledger = {
  /** Identifies its Vault. For any other Vault the ledger does not apply. */
  readonly clusterId: string;
  /** Key of the hashes: 256 random bits, base64. Without a key, short passwords could be guessed from their hashes. */
  readonly key: string;
  /** By path. */
  readonly objects: ReadonlyMap<string, LedgerEntry>;
};

export type LedgerEntry = {
  readonly kind: string;
  /** Whether `configure` created the object. False if it already existed when it was first declared. */
  readonly created: boolean;
  /** By field. */
  readonly hashes: Readonly<Record<string, string>>;
};

/** An object that is as declared. */
export type Settled = {
  readonly item: Item;
  /** The change that this run made to it. */
  readonly op: "create" | "update" | "none";
};

/** @returns an empty ledger with a new key */
export function newLedger(clusterId: string): Ledger {
  return { clusterId, key: randomBytes(32).toString("base64"), objects: new Map() };
}

/**
 * Adds to a difference the write-only fields whose declared value differs from the last written one.
 * A field that the ledger does not know is written: a person has just declared it, or a run was interrupted between the write
 * and its record. Not so a field that Vault has rotated: the declared value may no longer be valid.
 *
 * @param ledger undefined if it was lost; then no write-only field counts as changed
 * @param difference the difference of all other fields; undefined if there is none
 * @param live the object as Vault returns it
 */
export function withWriteOnly(
  ledger: Ledger | undefined,
  item: Item,
  difference: Difference | undefined,
  live: Values = {},
): Difference | undefined {
  if (ledger === undefined || difference?.op === "refuse" || difference?.op === "create") return difference;
  const changed = changedFields(ledger, item, item.kind.rotated?.(live) ?? []);
  if (changed.length === 0) return difference;
  const createOnly = changed.find((each) => each.createOnly);
  if (createOnly !== undefined) return refuse(item, createOnly.field);
  const fields = changed.map(({ field }) => ({ field, secret: true, writeOnly: true, note: "differs" }) as const);
  const sideEffects = difference === undefined ? item.kind.sideEffects?.(item, live) : undefined;
  if (sideEffects?.op === "refuse") return sideEffects;
  return { op: "update", fields: [...(difference?.fields ?? []), ...fields, ...(sideEffects?.fields ?? [])] };
}

function changedFields(ledger: Ledger, item: Item, rotated: readonly string[]): WriteOnly[] {
  const known = ledger.objects.get(item.path)?.hashes ?? {};
  return writeOnlyOf(item).filter((each) => {
    const hash = known[each.field];
    // a create-only field cannot be written, so an unknown value of it is no reason to refuse
    if (hash === undefined) return !each.createOnly && !rotated.includes(each.field);
    return hash !== hashOf(ledger, item.path, each);
  });
}

function refuse({ kind, path }: Item, field: string): Difference {
  return {
    op: "refuse",
    reason: `${kind.name} ${path}: ${field} differs from the value that it was created with, and Vault cannot change it`,
    todo: "Restore the former value in the configuration. Or, if its data may be lost, delete the object in Vault by hand.",
  };
}

/**
 * The ledger after a run. Entries of objects that failed or are no longer declared stay as they are.
 *
 * @param now the ledger as it is; another run may have written it since this run read it
 * @param before the ledger as this run read it
 * @param settled the objects that are as declared
 * @returns `now` itself if there is nothing to record
 */
export function updateLedger(now: Ledger, before: Ledger, settled: readonly Settled[]): Ledger {
  const changed = settled.flatMap((each): [string, LedgerEntry][] => {
    const { path } = each.item;
    const known = now.objects.get(path);
    const read = now.key === before.key ? before.objects.get(path) : undefined;
    const entry = isDeepStrictEqual(known, read) ? entryOf(now, each) : mergedEntry(now, each, known);
    return isDeepStrictEqual(entry, known) ? [] : [[path, entry]];
  });
  return changed.length === 0 ? now : { ...now, objects: new Map([...now.objects, ...changed]) };
}

function entryOf(ledger: Ledger, { item, op }: Settled): LedgerEntry {
  const hashes = writeOnlyOf(item).map((each) => [each.field, hashOf(ledger, item.path, each)] as const);
  const created = op === "create" || ledger.objects.get(item.path)?.created === true;
  return { kind: item.kind.name, created, hashes: Object.fromEntries(hashes) };
}

/** If another run has recorded the object meanwhile, it is unknown which wrote last. Without a hash the next run writes again. */
function mergedEntry(ledger: Ledger, settled: Settled, known: LedgerEntry | undefined): LedgerEntry {
  const mine = entryOf(ledger, settled);
  if (known === undefined || isDeepStrictEqual(known.hashes, mine.hashes)) return mine;
  return settled.op === "none" ? known : { ...mine, hashes: {} };
}

function writeOnlyOf({ kind, desired }: Item): WriteOnly[] {
  return kind.fields === undefined ? [] : writeOnlyIn(kind.fields, desired);
}

/** 128 of the 256 bits of HMAC-SHA-256 (RFC 2104 allows truncation): 22 characters for each field. */
function hashOf({ key }: Ledger, path: string, { field, value }: WriteOnly): string {
  const mac = createHmac("sha256", Buffer.from(key, "base64"))
    .update(JSON.stringify([path, field, value]))
    .digest();
  return mac.subarray(0, 16).toString("base64url");
}

/** Whether a plan of these objects needs the ledger: one of them has a write-only field. */
export function needsLedger(items: readonly Item[]): boolean {
  return items.some((item) => writeOnlyOf(item).length > 0);
}
