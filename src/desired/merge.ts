import type { ObjectSpec, Spec } from "../kinds/model/spec.ts";
import { type Path, type Problem, problem, showOrigin } from "./problem.ts";
import type { Entry, Tree } from "./yaml/tree.ts";

/**
 * Puts what several files say into one tree. The root, the collections and the mounts may be spread over files; one thing (a
 * policy, a role, a config) stands in one file, and two that declare it are a problem that names both.
 *
 * @param trees of the files, in the order of their names
 */
export function mergeTrees(spec: Spec, trees: readonly Tree[], problems: Problem[]): Tree | undefined {
  const maps = trees.filter(isMap);
  // a file that is no map is wrong by itself; alone it is told when the tree is checked
  if (maps.length === 0) return trees[0];
  for (const tree of trees) {
    if (!isMap(tree)) problems.push(problem(tree.at, [], `a ${tree.is} as the whole file`, "a map"));
  }
  return merge(spec, maps, [], problems);
}

type MapTree = Extract<Tree, { is: "map" }>;

function isMap(tree: Tree): tree is MapTree {
  return tree.is === "map";
}

/** Merges all at once and not pair by pair: what is spread over three files may have its `type` in the last one. */
function merge(spec: Spec, maps: readonly MapTree[], path: Path, problems: Problem[]): Tree {
  const [first] = maps;
  if (first !== undefined && maps.length === 1) return first;
  const entries = new Map<string, Entry>();
  for (const [key, group] of byKey(maps)) {
    const merged = mergeEntries(inside(spec, key, maps), group, [...path, key], problems);
    if (merged !== undefined) entries.set(key, merged);
  }
  return { is: "map", at: first?.at ?? { file: ".", line: 0, column: 0 }, entries };
}

function byKey(maps: readonly MapTree[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const { entries } of maps) {
    for (const [key, entry] of entries) {
      const group = groups.get(key) ?? [];
      group.push(entry);
      groups.set(key, group);
    }
  }
  return groups;
}

function mergeEntries(
  spec: Spec | undefined,
  group: readonly Entry[],
  path: Path,
  problems: Problem[],
): Entry | undefined {
  const [first, ...others] = group;
  if (first === undefined) return undefined;
  const maps = group.map(({ value }) => value).filter(isMap);
  if (spec !== undefined && isSplit(spec) && maps.length === group.length) {
    return { at: first.at, value: merge(spec, maps, path, problems) };
  }
  for (const { at } of others) {
    problems.push(problem(at, path, "a second declaration", `one only: the first stands in ${showOrigin(first.at)}`));
  }
  return first;
}

function isSplit(spec: Spec): boolean {
  return spec.type === "named"
    ? spec.of.type !== "tagged"
    : spec.type === "variant" || (spec as ObjectSpec).split === true;
}

function inside(spec: Spec, key: string, maps: readonly Tree[]): Spec | undefined {
  if (spec.type === "named") return spec.of;
  if (spec.type === "object") return fieldOf(spec, key);
  if (spec.type !== "variant") return undefined;
  const type = maps.map(typeOf).find((each) => each !== undefined) ?? "";
  const variant = Object.hasOwn(spec.of, type) ? spec.of[type] : undefined;
  return variant === undefined ? undefined : fieldOf(variant, key);
}

function fieldOf({ fields }: ObjectSpec, key: string): Spec | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The value of the key `type`, which says what a mount is. */
export function typeOf(tree: Tree): string | undefined {
  const value = tree.is === "map" ? tree.entries.get("type")?.value : undefined;
  return value?.is === "scalar" && typeof value.value === "string" ? value.value : undefined;
}
