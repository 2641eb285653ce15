import type { AppError } from "../errors.ts";
import type { Change, Item, Refusal } from "../kinds/model/kind.ts";
import { withIds } from "../kinds/model/reference.ts";
import { predecessors } from "../kinds/order.ts";
import { type Ledger, withWriteOnly } from "./ledger/ledger.ts";
import type { LiveState } from "./observe.ts";

/** What stands between the configuration and Vault, as data. */
export type Plan = {
  readonly changes: readonly Change[];
  /** Not touched, since what was asked for would lose data. */
  readonly refusals: readonly Refusal[];
  /** Not touched, since Vault did not tell what it holds. */
  readonly unread: readonly { readonly item: Item; readonly error: AppError }[];
  /** Not touched, since they come after one of those above. */
  readonly blocked: readonly { readonly item: Item; readonly by: string }[];
  /** How many are as they should be. */
  readonly unchanged: number;
};

/**
 * Compares what should be with what is. Pure, and the same whatever the order of the items.
 * @param ledger tells of fields that Vault does not; without it they count as being as they should be
 */
export function plan(items: readonly Item[], live: LiveState, ledger?: Ledger): Plan {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const unread: { item: Item; error: AppError }[] = [];
  for (const declared of items) {
    const seen = live.get(declared.path) ?? { live: undefined };
    if ("error" in seen) {
      unread.push({ item: declared, error: seen.error });
      continue;
    }
    const item = withIds(declared, seen.ids ?? new Map());
    const inSight = item.kind.diff(item, seen.live);
    const difference = seen.live === undefined ? inSight : withWriteOnly(ledger, declared, inSight, seen.live);
    if (difference?.op === "refuse") refusals.push({ item, reason: difference.reason, todo: difference.todo });
    else if (difference !== undefined) changes.push({ ...difference, item, live: seen.live });
  }
  changes.push(...undone(items, changes));
  const stuck = new Set([...refusals, ...unread].map(({ item }) => item.path));
  const unchanged = items.length - changes.length - stuck.size;
  return { ...withoutBlocked(items, changes, stuck), refusals, unread, unchanged };
}

/** What is as it should be, and will not be once these changes are made. */
function undone(items: readonly Item[], changes: readonly Change[]): Change[] {
  const changing = new Map(changes.map((change) => [change.item.path, change]));
  const isUndone = (item: Item) =>
    item.requires?.some((path) => {
      const change = changing.get(path);
      return change !== undefined && item.kind.invalidatedBy?.(change) === true;
    });
  return items
    .filter((item) => !changing.has(item.path) && isUndone(item))
    .map((item) => ({ op: "create", fields: [], item, live: undefined }));
}

function withoutBlocked(items: readonly Item[], changes: readonly Change[], stuck: ReadonlySet<string>) {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const found = new Map<string, string | undefined>();
  function blocker(item: Item): string | undefined {
    if (found.has(item.path)) return found.get(item.path);
    found.set(item.path, undefined);
    const before = predecessors(item);
    const by = before.find((path) => stuck.has(path)) ?? before.find((path) => blocks(byPath.get(path)));
    found.set(item.path, by);
    return by;
  }
  function blocks(item: Item | undefined): boolean {
    return item !== undefined && blocker(item) !== undefined;
  }
  const blocked = changes.flatMap(({ item }) => {
    const by = blocker(item);
    return by === undefined ? [] : [{ item, by }];
  });
  return { blocked, changes: changes.filter(({ item }) => blocker(item) === undefined) };
}
