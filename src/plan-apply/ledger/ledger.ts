import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Item } from "../../kinds/model/kind.ts";
import { declaredIn } from "./declared.ts";
import { hashOf, writeOnlyOf } from "./hash.ts";

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
  /** The URL of the Kubernetes API in the config of vault-hooks' own login, as a run with that setting has found it. */
  readonly kubernetesHost?: string;
};

export type LedgerEntry = {
  readonly kind: string;
  /** Whether `configure` created the object. False if it already existed when it was first declared. */
  readonly created: boolean;
  /** By field. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The last `configure` did not declare it. */
  readonly leftOver?: true;
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
 * Marks the objects that are no longer declared, and removes those that Vault no longer has.
 *
 * @param gone the paths of undeclared objects that Vault does not have
 * @returns `ledger` itself if there is nothing to change
 */
export function markLeftOvers(ledger: Ledger, items: readonly Item[], gone: ReadonlySet<string>): Ledger {
  const isDeclared = declaredIn(items);
  const isStale = ([path, { leftOver }]: [string, LedgerEntry]) => (leftOver === true) === isDeclared(path);
  const entries = [...ledger.objects];
  if (!entries.some((entry) => gone.has(entry[0]) || isStale(entry))) return ledger;
  const kept = entries.filter(([path]) => !gone.has(path) || isDeclared(path));
  const marked = kept.map(([path, { leftOver: _, ...entry }]): [string, LedgerEntry] => [
    path,
    isDeclared(path) ? entry : { ...entry, leftOver: true },
  ]);
  return { ...ledger, objects: new Map(marked) };
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

/** If another run has recorded the object too, nobody knows which run wrote last. Without a hash the next run writes again. */
function mergedEntry(ledger: Ledger, settled: Settled, known: LedgerEntry | undefined): LedgerEntry {
  const mine = entryOf(ledger, settled);
  if (known === undefined || isDeepStrictEqual(known.hashes, mine.hashes)) return mine;
  return settled.op === "none" ? known : { ...mine, hashes: {} };
}
