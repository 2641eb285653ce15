import { parseInteger } from "../syntax/numbers.ts";
import { type Decoder, type Located, refuse, unreadable } from "./node.ts";

/** A string, or an integer in place of one. */
export const string: Decoder<Located<string>> = (node, old, mistakes) => {
  const { offset } = node;
  if (node.is === "integer") return { value: node.text, offset };
  if (node.is !== "string") return refuse(node, "a string", mistakes, old);
  if (node.value !== undefined) return { value: node.value, offset };
  mistakes.push(unreadable(node));
  return old;
};

/** An integer, or a string that has one. */
export const integer: Decoder<Located<bigint>> = (node, old, mistakes) => {
  if (node.is === "string" && node.value === undefined) {
    mistakes.push(unreadable(node));
    return old;
  }
  const isReadable = node.is === "integer" || (node.is === "string" && !node.isHereDocument);
  const value = isReadable ? parseInteger(node.is === "string" ? (node.value ?? "") : node.text) : undefined;
  return value === undefined ? refuse(node, "an integer", mistakes, old) : { value, offset: node.offset };
};
