import type { Tree } from "../yaml/tree.ts";

/** @returns a value for an error message: `a map`, `nothing`, `the string "abc"`, `5` */
export function showValue(tree: Tree): string {
  if (tree.is !== "scalar" || typeof tree.value !== "string") return showShape(tree, String);
  const { value } = tree;
  return `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
}

/** @returns the value's type only, since the value may be a secret: `a map`, `a string` */
export function showType(tree: Tree): string {
  return showShape(tree, (value) => `a ${typeof value}`);
}

function showShape(tree: Tree, showScalar: (value: unknown) => string): string {
  if (tree.is !== "scalar") return `a ${tree.is}`;
  return tree.value === null ? "nothing" : showScalar(tree.value);
}
