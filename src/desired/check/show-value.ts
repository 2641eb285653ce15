import type { Found } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

/** @returns a value for an error message: a map, nothing, the string "abc", 5 */
export function showValue(tree: Tree): Found {
  return tree.is === "scalar" && tree.value !== null ? { value: tree.value } : showType(tree);
}

/** @returns the value's type only, since the value may be a secret: `a map`, `a string` */
export function showType(tree: Tree): string {
  if (tree.is !== "scalar") return `a ${tree.is}`;
  return tree.value === null ? "nothing" : `a ${typeof tree.value}`;
}
