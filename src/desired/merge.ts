import type { ObjectSpec, Spec } from "../kinds/model/spec.ts";
import { type Path, type Problem, problem, showOrigin } from "./problem.ts";
import { type Entry, isMap, type MapTree, type Tree } from "./yaml/tree.ts";

/**
 * Merges the trees of several files into one. The root, the collections and the mounts may be spread over files. Any other
 * object (a policy, a role, a config) is declared in one file; a second declaration is a problem that names both places.
 *
 * @param trees sorted by the name of their file
 * @returns undefined if there are none
 */
export function mergeTrees(spec: Spec, trees: readonly Tree[], problems: Problem[]): Tree | undefined {
  const maps = trees.filter(isMap);
  // without any map, the check of the tree reports it
  if (maps.length === 0) return trees[0];
  for (const tree of trees) {
    if (!isMap(tree)) problems.push(problem(tree.at, [], `a ${tree.is} as the whole file`, "a map"));
  }
  return mergeMaps(spec, maps, [], problems);
}

/** Merges all maps at once, not in pairs, because the `type` of a mount in three files may be in the last one. */
function mergeMaps(spec: Spec, maps: readonly MapTree[], path: Path, problems: Problem[]): Tree {
  const [first] = maps;
  if (first !== undefined && maps.length === 1) return first;
  const entries = new Map<string, Entry>();
  for (const [key, group] of groupByKey(maps)) {
    const merged = mergeEntries(specOf(spec, key, maps), group, [...path, key], problems);
    if (merged !== undefined) entries.set(key, merged);
  }
  return { is: "map", at: first?.at ?? { file: ".", line: 0, column: 0 }, entries };
}

function groupByKey(maps: readonly MapTree[]): Map<string, Entry[]> {
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
  if (spec !== undefined && mayBeSplit(spec) && maps.length === group.length) {
    return { at: first.at, value: mergeMaps(spec, maps, path, problems) };
  }
  for (const { at } of others) {
    problems.push(problem(at, path, "a second declaration", `only one: the first is at ${showOrigin(first.at)}`));
  }
  return first;
}

/** @returns whether it may be spread over several files */
function mayBeSplit(spec: Spec): boolean {
  return spec.type === "named"
    ? spec.of.type !== "tagged"
    : spec.type === "variant" || (spec as ObjectSpec).split === true;
}

/** @returns the spec of the value under a key; undefined for an unknown key */
function specOf(spec: Spec, key: string, maps: readonly Tree[]): Spec | undefined {
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

/** @returns the value of the key `type`, which decides the fields of a mount; undefined if it is not a string */
export function typeOf(tree: Tree): string | undefined {
  const value = isMap(tree) ? tree.entries.get("type")?.value : undefined;
  return value?.is === "scalar" && typeof value.value === "string" ? value.value : undefined;
}
