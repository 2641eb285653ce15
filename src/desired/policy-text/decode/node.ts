import type { Mistake } from "../mistake.ts";
import type { Entry, Key, StringValue, Value } from "../syntax/tree.ts";

/** What a decoder reads: a value, the entries under one key, or one of them. */
export type Node =
  | Value
  | { readonly is: "entries"; readonly offset: number; readonly entries: readonly Entry[] }
  | { readonly is: "entry"; readonly offset: number; readonly entry: Entry };

/**
 * Reads a value in the way of Vault's decoder, which turns a policy into structs of Go.
 * @param old the value that an earlier entry gave the same field
 * @param mistakes receives all that Vault refuses
 * @returns undefined if nothing could be read
 */
export type Decoder<T> = (node: Node, old: T | undefined, mistakes: Mistake[]) => T | undefined;

export type Located<T> = { readonly value: T; readonly offset: number };

/** The items of a list; a block is one item. */
export function itemsOf(node: Node): readonly Node[] | undefined {
  if (node.is === "entries") return node.entries.map((entry) => ({ is: "entry", offset: offsetOf(entry), entry }));
  if (node.is === "block") return [node];
  return node.is === "list" ? node.items : undefined;
}

/** The entries of a block. */
export function entriesOf(node: Node): readonly Entry[] | undefined {
  if (node.is === "entry") return entriesOf(node.entry.value);
  return node.is === "block" || node.is === "entries" ? node.entries : undefined;
}

/** The entries under a key, without that key. Vault ignores case here. */
export function under(entries: readonly Entry[], name: string): Entry[] {
  return entries.flatMap((entry) => {
    const [key, ...keys] = entry.keys;
    return key?.value?.toLowerCase() === name.toLowerCase() ? [{ ...entry, keys }] : [];
  });
}

export function offsetOf({ keys, value }: Entry): number {
  return keys[0]?.offset ?? value.offset;
}

/** Reports a value of the wrong type. @returns the old value */
export function refuse<T>(node: Node, expected: string, mistakes: Mistake[], old: T): T {
  mistakes.push({ offset: node.offset, found: describe(node), expected });
  return old;
}

function describe(node: Node): string {
  if (node.is === "entry" || node.is === "entries") return "a block";
  if (node.is === "string") return node.isHereDocument ? "a here-document" : `the string ${node.text}`;
  if (node.is === "integer" || node.is === "float") return `the number ${node.text}`;
  return `a ${node.is}`;
}

/** A mistake about a string that Vault cannot unquote. */
export function unreadable({ text, offset }: StringValue | Key): Mistake {
  const expected = "characters in place of escapes that make Vault's request handler panic";
  return { offset, found: `the string ${text}`, expected };
}
