import type { Item } from "../kinds/model/kind.ts";
import { isMount } from "../kinds/mount/mount.ts";
import { findMisplacedAccessors } from "./accessors.ts";
import { findCycle } from "./cycle.ts";
import { type Problem, problem, showOrigin } from "./problem.ts";

/**
 * Finds mistakes between objects, each of which is valid on its own.
 * @param items sorted by path
 */
export function findConflicts(items: readonly Item[]): Problem[] {
  return [
    ...duplicates(items),
    ...nestedMounts(items),
    ...misplaced(items),
    ...findMisplacedAccessors(items),
    ...cycles(items),
  ];
}

/** Two declarations of one object would overwrite each other in every run. */
function duplicates(items: readonly Item[]): Problem[] {
  const firsts = new Map<string, Item>();
  return items.flatMap((item) => {
    const { path, sameAs = path, at } = item;
    const first = firsts.get(path) ?? firsts.get(sameAs);
    if (first === undefined) {
      firsts.set(path, item).set(sameAs, item);
      return [];
    }
    const found =
      first.path === path ? "a second declaration of this path" : `the same object in Vault as ${first.path}`;
    return [problem(at, [path], found, `only one: the first is at ${showOrigin(first.at)}`)];
  });
}

/** Vault does not mount below another mount. */
function nestedMounts(items: readonly Item[]): Problem[] {
  const mounts = new Map(items.filter(({ kind }) => isMount(kind)).map((item) => [item.path, item]));
  return [...mounts.values()].flatMap((item) => {
    const parents = [...item.path.matchAll(/\//g)].map(({ index }) => mounts.get(item.path.slice(0, index)));
    const outer = parents.find((each) => each !== undefined);
    if (outer === undefined) return [];
    const expected = `a path that is not below the mount at ${showOrigin(outer.at)}: Vault cannot nest mounts`;
    return [problem(item.at, [item.path], `a mount below ${outer.path}`, expected)];
  });
}

function misplaced(items: readonly Item[]): Problem[] {
  return items.flatMap(({ at, path, invalid: wrong }) =>
    wrong === undefined ? [] : [problem(at, [path], wrong.found, wrong.expected)],
  );
}

function cycles(items: readonly Item[]): Problem[] {
  const [first, ...others] = findCycle(items) ?? [];
  if (first === undefined) return [];
  const chain = [...others, first].map(({ path }) => path).join(", which depends on ");
  return [problem(first.at, [first.path], `a dependency cycle: it depends on ${chain}`, "no cycle")];
}
