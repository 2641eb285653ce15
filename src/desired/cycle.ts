import type { Item } from "../kinds/model/kind.ts";
import { predecessors } from "../kinds/order.ts";

/**
 * Finds objects that depend on each other, so that none can be written first, such as two groups that are members of
 * each other. Pure.
 *
 * @returns one cycle, in which each object depends on the next, and the last on the first; undefined if there is none
 */
export function findCycle(items: readonly Item[]): readonly Item[] | undefined {
  const remaining = new Map(items.map((item) => [item.path, item]));
  const before = new Map(items.map((item) => [item.path, predecessors(item).filter((path) => remaining.has(path))]));
  for (let size = -1; size !== remaining.size; ) {
    size = remaining.size;
    for (const path of remaining.keys()) {
      if (!before.get(path)?.some((each) => remaining.has(each))) remaining.delete(path);
    }
  }
  const [first] = remaining.values();
  return first === undefined ? undefined : cycleFrom(first, remaining, before);
}

/** Each remaining object depends on another one, so following the dependencies ends in a cycle. */
function cycleFrom(
  first: Item,
  remaining: ReadonlyMap<string, Item>,
  before: ReadonlyMap<string, readonly string[]>,
): readonly Item[] {
  const visited: Item[] = [];
  for (let item: Item | undefined = first; item !== undefined; ) {
    const seen = visited.indexOf(item);
    if (seen >= 0) return visited.slice(seen);
    visited.push(item);
    const next: string | undefined = before.get(item.path)?.find((path) => remaining.has(path));
    item = next === undefined ? undefined : remaining.get(next);
  }
  return visited;
}
