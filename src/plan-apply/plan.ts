import type { AppError } from "../errors.ts";
import type { FieldChange } from "../kinds/model/compare.ts";
import type { Change, Item, Refusal } from "../kinds/model/kind.ts";
import { resolveIds } from "../kinds/model/reference.ts";
import { isWithin, type SecretUse, type Source, secretUsesIn, sourcesOf } from "../kinds/model/secret-reference.ts";
import { predecessors } from "../kinds/order.ts";
import { writeOnlyOf } from "./ledger/hash.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { LeftOver } from "./ledger/left-over.ts";
import { addWriteOnlyChanges } from "./ledger/write-only-changes.ts";
import type { LiveState } from "./observe.ts";
import { type ObjectWarnings, warningsOf } from "./warnings.ts";

/**
 * Fields of one object that were not compared, since a part of their values is in Secrets. Of a field that Vault returns, only that part:
 * `options.token`. A write-only field is compared by a hash of all of it, so it is named as a whole: `env`.
 */
export type Uncompared = {
  readonly item: Item;
  readonly fields: readonly { readonly field: string; readonly from: readonly Source[] }[];
};

/** The difference between the desired state and Vault, as data. */
export type Plan = {
  readonly changes: readonly Change[];
  /** Not touched, since the change would lose data. */
  readonly refusals: readonly Refusal[];
  /** Not touched, since their live state could not be read. */
  readonly unreadable: readonly { readonly item: Item; readonly error: AppError }[];
  /** Not touched, since a predecessor was refused, is unreadable or is blocked itself. */
  readonly blocked: readonly { readonly item: Item; readonly by: string }[];
  /** How many objects need no change. */
  readonly unchanged: number;
  /** Fields that were not compared, since this run may not read the Secrets that their values come from. */
  readonly uncompared: readonly Uncompared[];
  readonly warnings: readonly ObjectWarnings[];
  /** Objects of former configurations that are still in Vault. Not touched. */
  readonly leftOver: readonly LeftOver[];
};

/**
 * Compares the desired state with the live state. Pure; the order of the items does not matter.
 *
 * @param ledger knows the write-only fields; without it they count as unchanged
 * @param leftOver objects that are no longer declared
 */
export function plan(
  items: readonly Item[],
  live: LiveState,
  ledger?: Ledger,
  leftOver: readonly LeftOver[] = [],
): Plan {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const unreadable: { item: Item; error: AppError }[] = [];
  for (const declared of items) {
    const observed = live.get(declared.path) ?? { live: undefined };
    if ("error" in observed) {
      unreadable.push({ item: declared, error: observed.error });
      continue;
    }
    const item = resolveIds(declared, observed.ids ?? new Map());
    const readableDifference = item.kind.diff(item, observed.live);
    const difference =
      observed.live === undefined
        ? readableDifference
        : addWriteOnlyChanges(ledger, declared, readableDifference, observed.live);
    if (difference?.op === "refuse") refusals.push({ item, reason: difference.reason, todo: difference.todo });
    else if (difference !== undefined) {
      changes.push({
        ...difference,
        fields: difference.fields.map((each) => withSources(item, each)),
        item,
        live: observed.live,
      });
    }
  }
  changes.push(...invalidated(items, changes));
  const untouched = new Set([...refusals, ...unreadable].map(({ item }) => item.path));
  const unchanged = items.length - changes.length - untouched.size;
  const warnings = warningsOf(items, ({ path }) => live.get(path)?.warnings);
  const uncompared = uncomparedIn(items, changes, untouched);
  return {
    ...withoutBlocked(items, changes, untouched),
    refusals,
    unreadable,
    unchanged,
    uncompared,
    warnings,
    leftOver,
  };
}

function withSources(item: Item, change: FieldChange): FieldChange {
  const from = sourcesOf(item.secrets ?? [], change.field);
  return from.length === 0 ? change : { ...change, from };
}

/** Fields that still refer to Secrets, and are not among the changes. */
function uncomparedIn(
  items: readonly Item[],
  changes: readonly Change[],
  untouched: ReadonlySet<string>,
): Uncompared[] {
  const changing = new Map(changes.map((change) => [change.item.path, change.fields]));
  return items.flatMap((item) => {
    if (item.secrets === undefined || untouched.has(item.path)) return [];
    const unread = new Set(secretUsesIn(item.desired).map(({ from }) => from));
    const known = changing.get(item.path) ?? [];
    const isKnown = (use: SecretUse) => known.some(({ field }) => isWithin(field, use));
    const uses = item.secrets.filter((use) => unread.has(use.from) && !isKnown(use));
    const writeOnly = writeOnlyOf(item).map(({ field }) => field);
    const fieldOf = (use: SecretUse) => writeOnly.find((field) => isWithin(field, use)) ?? use.path.join(".");
    const fields = Map.groupBy(uses, fieldOf);
    const named = [...fields].map(([field, same]) => ({ field, from: sourcesOf(same, field) }));
    return named.length === 0 ? [] : [{ item, fields: named }];
  });
}

/** Objects that need no change now, but will be missing once these changes are made. */
function invalidated(items: readonly Item[], changes: readonly Change[]): Change[] {
  const changing = new Map(changes.map((change) => [change.item.path, change]));
  const isInvalidated = (item: Item) =>
    item.requires?.some((path) => {
      const change = changing.get(path);
      return change !== undefined && item.kind.invalidatedBy?.(change) === true;
    });
  return items
    .filter((item) => !changing.has(item.path) && isInvalidated(item))
    .map((item) => ({ op: "create", fields: [], item, live: undefined }));
}

/** @param untouched paths of objects that were refused or could not be read */
function withoutBlocked(items: readonly Item[], changes: readonly Change[], untouched: ReadonlySet<string>) {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const blockers = new Map<string, string | undefined>();
  function blocker(item: Item): string | undefined {
    if (blockers.has(item.path)) return blockers.get(item.path);
    blockers.set(item.path, undefined);
    const predecessorPaths = predecessors(item);
    const blockedBy =
      predecessorPaths.find((path) => untouched.has(path)) ??
      predecessorPaths.find((path) => isBlocked(byPath.get(path)));
    blockers.set(item.path, blockedBy);
    return blockedBy;
  }
  function isBlocked(item: Item | undefined): boolean {
    return item !== undefined && blocker(item) !== undefined;
  }
  const blocked = changes.flatMap(({ item }) => {
    const by = blocker(item);
    return by === undefined ? [] : [{ item, by }];
  });
  return { blocked, changes: changes.filter(({ item }) => blocker(item) === undefined) };
}
