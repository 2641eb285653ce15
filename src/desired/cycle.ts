import type { Item } from "../kinds/model/kind.ts";
import { predecessors } from "../kinds/order.ts";

/**
 * Objects that come one before the other in a ring, so that none could be the first: two groups that are members of each
 * other, say. Pure.
 *
 * @returns one such ring, each object after the one that it needs; undefined where there is none
 */
export function findCycle(items: readonly Item[]): readonly Item[] | undefined {
  const open = new Map(items.map((item) => [item.path, item]));
  const before = new Map(items.map((item) => [item.path, predecessors(item).filter((path) => open.has(path))]));
  for (let size = -1; size !== open.size; ) {
    size = open.size;
    for (const path of open.keys()) if (!before.get(path)?.some((each) => open.has(each))) open.delete(path);
  }
  const [first] = open.values();
  return first === undefined ? undefined : ringFrom(first, open, before);
}

/** Whatever is left open needs something that is left open: going from one to the next ends in a ring. */
function ringFrom(
  first: Item,
  open: ReadonlyMap<string, Item>,
  before: ReadonlyMap<string, readonly string[]>,
): readonly Item[] {
  const way: Item[] = [];
  for (let item: Item | undefined = first; item !== undefined; ) {
    const seen = way.indexOf(item);
    if (seen >= 0) return way.slice(seen).reverse();
    way.push(item);
    const next: string | undefined = before.get(item.path)?.find((path) => open.has(path));
    item = next === undefined ? undefined : open.get(next);
  }
  return way;
}
