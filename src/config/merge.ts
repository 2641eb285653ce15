import type { ObjectSpec, Spec } from "../resources/spec.ts";
import { type Path, type Problem, problem, showOrigin } from "./problem.ts";
import type { Entry, Tree } from "./tree.ts";

/**
 * Puts what several files say into one tree. The root, the collections and the mounts may be spread over files; one thing (a
 * policy, a role, a config) stands in one file, and two that declare it are a problem that names both.
 */
export function mergeTrees(spec: Spec, trees: readonly Tree[], problems: Problem[]): Tree | undefined {
  const [first, ...others] = trees;
  if (first === undefined) return undefined;
  return others.reduce((merged, tree) => merge(spec, merged, tree, [], problems), first);
}

function merge(spec: Spec | undefined, a: Tree, b: Tree, path: Path, problems: Problem[]): Tree {
  if (a.is !== "map" || b.is !== "map") return a;
  const entries = new Map(a.entries);
  for (const [key, entry] of b.entries) {
    const known = entries.get(key);
    if (known === undefined) entries.set(key, entry);
    else entries.set(key, mergeEntry(spec && inside(spec, key, a, b), known, entry, [...path, key], problems));
  }
  return { is: "map", at: a.at, entries };
}

function mergeEntry(spec: Spec | undefined, a: Entry, b: Entry, path: Path, problems: Problem[]): Entry {
  if (spec !== undefined && isSplit(spec) && a.value.is === "map" && b.value.is === "map") {
    return { at: a.at, value: merge(spec, a.value, b.value, path, problems) };
  }
  problems.push(problem(b.at, path, "a second declaration", `one only: the first stands in ${showOrigin(a.at)}`));
  return a;
}

function isSplit(spec: Spec): boolean {
  return spec.type === "named"
    ? spec.of.type !== "tagged"
    : spec.type === "variant" || (spec as ObjectSpec).split === true;
}

function inside(spec: Spec, key: string, a: Tree, b: Tree): Spec | undefined {
  if (spec.type === "named") return spec.of;
  if (spec.type === "object") return spec.fields[key];
  if (spec.type !== "variant") return undefined;
  return spec.of[typeOf(a) ?? typeOf(b) ?? ""]?.fields[key];
}

/** The value of the key `type`, which says what a mount is. */
export function typeOf(tree: Tree): string | undefined {
  const value = tree.is === "map" ? tree.entries.get("type")?.value : undefined;
  return value?.is === "scalar" && typeof value.value === "string" ? value.value : undefined;
}
