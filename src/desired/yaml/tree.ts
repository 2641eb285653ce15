import type { Origin } from "../../kinds/model/kind.ts";
import type { Scalar } from "./scalar.ts";

/** A YAML value with its position in the file. An alias is the same object as the value of its anchor. */
export type Tree = MapTree | ListTree | ScalarTree;

export type MapTree = { readonly is: "map"; readonly at: Origin; readonly entries: Map<string, Entry> };
type ListTree = { readonly is: "list"; readonly at: Origin; readonly items: Tree[] };
/** `begins` is set for a literal block (after `|`): the position of its first line. Its lines are in the file unchanged. */
type ScalarTree = { readonly is: "scalar"; readonly at: Origin; readonly value: Scalar; readonly begins?: Origin };

/** One key of a map; `at` is the position of the key. */
export type Entry = { readonly at: Origin; readonly value: Tree };

/** @returns whether the value is a map; narrows its type */
export function isMap(tree: Tree): tree is MapTree {
  return tree.is === "map";
}
