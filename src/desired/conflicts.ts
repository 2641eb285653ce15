import type { Item } from "../kinds/model/kind.ts";
import { isMount } from "../kinds/mount/mount.ts";
import { findCycle } from "./cycle.ts";
import { type Problem, problem, showOrigin } from "./problem.ts";

/** What is wrong with objects that are right each by itself. @param items sorted by path */
export function conflictsIn(items: readonly Item[]): Problem[] {
  return [...twice(items), ...within(items), ...outOfPlace(items), ...inACircle(items)];
}

/** Whichever is written last would have its way, on every run the other. */
function twice(items: readonly Item[]): Problem[] {
  const firsts = new Map<string, Item>();
  return items.flatMap((item) => {
    const { path, sameAs = path, at } = item;
    const first = firsts.get(sameAs);
    if (first === undefined) {
      firsts.set(sameAs, item);
      return [];
    }
    const found = first.path === path ? "a second declaration of this path" : `what Vault takes for ${first.path}`;
    return [problem(at, [path], found, `one only: the first stands in ${showOrigin(first.at)}`)];
  });
}

/** Vault mounts nothing below another mount. */
function within(items: readonly Item[]): Problem[] {
  const mounts = new Map(items.filter(({ kind }) => isMount(kind)).map((item) => [item.path, item]));
  return [...mounts.values()].flatMap((item) => {
    const above = [...item.path.matchAll(/\//g)].map(({ index }) => mounts.get(item.path.slice(0, index)));
    const outer = above.find((each) => each !== undefined);
    if (outer === undefined) return [];
    const expected = `a path of its own: nothing can be mounted below another mount, and ${showOrigin(outer.at)} has one`;
    return [problem(item.at, [item.path], `a mount below ${outer.path}`, expected)];
  });
}

function outOfPlace(items: readonly Item[]): Problem[] {
  return items.flatMap(({ at, path, wrong }) =>
    wrong === undefined ? [] : [problem(at, [path], wrong.found, wrong.expected)],
  );
}

function inACircle(items: readonly Item[]): Problem[] {
  const [first, ...others] = findCycle(items) ?? [];
  if (first === undefined) return [];
  const names = [...others, first].map(({ path }) => path).join(", which comes before ");
  return [problem(first.at, [first.path], `a circle: it comes before ${names}`, "an object that can be the first")];
}
