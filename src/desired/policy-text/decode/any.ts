import type { Mistake } from "../mistake.ts";
import { parseFloat64 } from "../syntax/numbers.ts";
import { mapOf } from "./collection.ts";
import { type Decoder, itemsOf, type Located, type Node, refuse } from "./node.ts";
import { integer, string } from "./scalar.ts";

/** A list or block, of which only its items were checked. */
type Items = { readonly is: "list" | "blocks" };

export type Any = Located<string | bigint | number | boolean | Items>;

/** Any value. A later value for the same key must have the type of the first. */
export const any: Decoder<Any> = (node, old, mistakes) => {
  const value = old?.value;
  if (typeof value === "string") return string(node, old as Located<string>, mistakes);
  if (typeof value === "bigint") return integer(node, old as Located<bigint>, mistakes);
  if (typeof value === "number") return float(node, mistakes);
  if (typeof value === "boolean") return node.is === "boolean" ? node : refuse(node, "a boolean", mistakes, old);
  if (typeof value === "object") return items(node, value, mistakes);
  return anyOf(node, mistakes);
};

function anyOf(node: Node, mistakes: Mistake[]): Any | undefined {
  switch (node.is) {
    case "boolean":
      return node;
    case "string":
      return string(node, undefined, mistakes);
    case "integer":
      return integer(node, undefined, mistakes);
    case "float":
      return float(node, mistakes);
    case "list":
      return items(node, { is: "list" }, mistakes);
    case "entry":
      return refuse(node, "a block with one label", mistakes, undefined);
    default:
      return items(node, { is: "blocks" }, mistakes);
  }
}

function float(node: Node, mistakes: Mistake[]): Any | undefined {
  const value = node.is === "float" || node.is === "integer" ? parseFloat64(node.text) : undefined;
  return value === undefined ? refuse(node, "a number", mistakes, undefined) : { value, offset: node.offset };
}

const block = mapOf(any, "a block");

function items(node: Node, value: Items, mistakes: Mistake[]): Any | undefined {
  const found = itemsOf(node);
  if (found === undefined) return refuse(node, value.is === "list" ? "a list" : "a block", mistakes, undefined);
  for (const item of found) {
    if (value.is === "blocks" || item.is === "block") block(item, undefined, mistakes);
    else any(item, undefined, mistakes);
  }
  return { value, offset: node.offset };
}
