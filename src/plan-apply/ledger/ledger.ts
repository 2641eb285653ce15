import { createHmac, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Values } from "../../kinds/model/values.ts";
import type { Difference, Item } from "../../kinds/model/kind.ts";
import { type WriteOnly, writeOnlyIn } from "../../kinds/model/write-only.ts";

/**
 * What `configure` has brought about in one Vault, and a keyed hash of each write-only field as it was written last, since
 * Vault does not tell those (docs/adr/0013-ledger.md).
 */
export type Ledger = {
  /** Of the Vault that it speaks of; a ledger says nothing of any other. */
  readonly clusterId: string;
  /** Random, 256 bits, base64: without it the hashes of short passwords could be guessed. */
  readonly key: string;
  readonly objects: ReadonlyMap<string, LedgerEntry>;
};

/** One object, by its path. */
export type LedgerEntry = {
  readonly kind: string;
  /** Whether `configure` created it; otherwise it was there already when it was first declared. */
  readonly made: boolean;
  /** By field. */
  readonly hashes: Readonly<Record<string, string>>;
};

/** An object that is as it was declared. */
export type Settled = {
  readonly item: Item;
  /** What this run did to bring that about. */
  readonly did: "create" | "update" | "nothing";
};

export function newLedger(clusterId: string): Ledger {
  return { clusterId, key: randomBytes(32).toString("base64"), objects: new Map() };
}

/**
 * Adds to a difference in sight the write-only fields that are not those written last.
 * An object or field that the ledger does not know is written: a person has just declared it, or a run broke off between
 * the write and the record of it. A field that Vault has replaced since is not: the value declared may open nothing any more.
 *
 * @param live what Vault tells of the object
 * @param ledger undefined where it was lost: nothing is known then, and nothing is written for it
 */
export function withWriteOnly(
  ledger: Ledger | undefined,
  item: Item,
  difference: Difference | undefined,
  live: Values = {},
): Difference | undefined {
  if (ledger === undefined || difference?.op === "refuse" || difference?.op === "create") return difference;
  const changed = changedIn(ledger, item, item.kind.rotated?.(live) ?? []);
  if (changed.length === 0) return difference;
  const fixed = changed.find(({ createOnly }) => createOnly);
  if (fixed !== undefined) return refuse(item, fixed.field);
  const fields = changed.map(({ field }) => ({ field, secret: true, writeOnly: true, note: "differs" }) as const);
  const besides = difference === undefined ? item.kind.sideEffects?.(item, live) : undefined;
  if (besides?.op === "refuse") return besides;
  return { op: "update", fields: [...(difference?.fields ?? []), ...fields, ...(besides?.fields ?? [])] };
}

function changedIn(ledger: Ledger, item: Item, renewed: readonly string[]): WriteOnly[] {
  const known = ledger.objects.get(item.path)?.hashes ?? {};
  return writeOnlyOf(item).filter((each) => {
    const hash = known[each.field];
    // what cannot be changed is not held against an object of which nothing is known
    if (hash === undefined) return !each.createOnly && !renewed.includes(each.field);
    return hash !== hashOf(ledger, item.path, each);
  });
}

function refuse({ kind, path }: Item, field: string): Difference {
  return {
    op: "refuse",
    reason: `${kind.name} ${path}: ${field} is not what it was made with; Vault cannot change it`,
    todo: "Put the former value back into the configuration; or, if its data may be lost, remove the object from Vault by hand.",
  };
}

/**
 * The ledger after a run. Objects that are no longer declared stay in it. The same object where nothing is to be recorded.
 *
 * @param now as it stands; another run may have written it since it was read
 * @param before as this run read it
 * @param standing what is as it was declared; what failed stays as it was recorded before
 */
export function updateLedger(now: Ledger, before: Ledger, standing: readonly Settled[]): Ledger {
  const changed = standing.flatMap((each): [string, LedgerEntry][] => {
    const { path } = each.item;
    const known = now.objects.get(path);
    const read = now.key === before.key ? before.objects.get(path) : undefined;
    const entry = isDeepStrictEqual(known, read) ? entryOf(now, each) : afterAnother(now, each, known);
    return isDeepStrictEqual(entry, known) ? [] : [[path, entry]];
  });
  return changed.length === 0 ? now : { ...now, objects: new Map([...now.objects, ...changed]) };
}

function entryOf(ledger: Ledger, { item, did }: Settled): LedgerEntry {
  const hashes = writeOnlyOf(item).map((each) => [each.field, hashOf(ledger, item.path, each)] as const);
  const made = did === "create" || ledger.objects.get(item.path)?.made === true;
  return { kind: item.kind.name, made, hashes: Object.fromEntries(hashes) };
}

/** Where another run has recorded the object meanwhile, which of the two wrote last is not known: the next run writes again. */
function afterAnother(ledger: Ledger, standing: Settled, known: LedgerEntry | undefined): LedgerEntry {
  const mine = entryOf(ledger, standing);
  if (known === undefined || isDeepStrictEqual(known.hashes, mine.hashes)) return mine;
  return standing.did === "nothing" ? known : { ...mine, hashes: {} };
}

function writeOnlyOf({ kind, desired }: Item): WriteOnly[] {
  return kind.fields === undefined ? [] : writeOnlyIn(kind.fields, desired);
}

/** 128 of the 256 bits of HMAC-SHA-256 (RFC 2104 allows it): 22 characters for each field. */
function hashOf({ key }: Ledger, path: string, { field, value }: WriteOnly): string {
  const mac = createHmac("sha256", Buffer.from(key, "base64"))
    .update(JSON.stringify([path, field, value]))
    .digest();
  return mac.subarray(0, 16).toString("base64url");
}

/** Whether anything is declared for which a plan needs the ledger. */
export function needsLedger(items: readonly Item[]): boolean {
  return items.some((item) => writeOnlyOf(item).length > 0);
}
