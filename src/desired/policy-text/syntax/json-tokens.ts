import { describe } from "./hcl-tokens.ts";
import { isFloat, jsonNumber } from "./numbers.ts";
import { endOfString, unquoteJson } from "./strings.ts";
import { SyntaxMistake, type Value } from "./tree.ts";

type Literal = Extract<Value, { is: "string" | "integer" | "float" }>;

export type Token =
  | { readonly type: "literal"; readonly text: string; readonly offset: number; readonly value: Literal }
  | { readonly type: "boolean" | "mark" | "end" | "invalid"; readonly text: string; readonly offset: number };

/** The last token, and where the next one is. */
export type Reader = { readonly source: string; next: number; token: Token };

const space = /[ \t\r\n]*/y;
const number = new RegExp(jsonNumber, "uy");
const word = /[\p{L}_][\p{L}\p{Nd}_-]*/uy;

export function readerOf(source: string): Reader {
  return { source, next: 0, token: { type: "invalid", text: "", offset: 0 } };
}

/**
 * Reads the next token of a policy in JSON. What Vault does not read is not checked, so tokens are read one by one.
 * @throws SyntaxMistake at an invalid character
 */
export function take(reader: Reader): Token {
  const { source } = reader;
  space.lastIndex = reader.next;
  space.test(source);
  const offset = space.lastIndex;
  reader.token = { type: "invalid", text: "", offset };
  const { token, end } = tokenAt(source, offset);
  reader.token = token;
  reader.next = end;
  return token;
}

function tokenAt(source: string, offset: number): { token: Token; end: number } {
  const first = source[offset];
  if (first === undefined) return { token: { type: "end", text: "the end", offset }, end: offset };
  // Vault takes a null character for the end, and reads on after it
  if (first === "\0") return { token: { type: "end", text: "the end", offset }, end: offset + 1 };
  if (first === '"') return stringAt(source, offset);
  if ("{}[],:".includes(first)) return { token: { type: "mark", text: first, offset }, end: offset + 1 };
  number.lastIndex = offset;
  word.lastIndex = offset;
  if (number.test(source)) return numberAt(source, offset, number.lastIndex);
  if (first === ".") return { token: { type: "mark", text: first, offset }, end: offset + 1 };
  if (word.test(source)) return wordAt(source, offset, word.lastIndex);
  throw new SyntaxMistake(isComment(source, offset) ? "a comment in JSON" : describe(source, offset), offset);
}

function stringAt(source: string, offset: number): { token: Token; end: number } {
  const end = endOfString(source, offset, false);
  const text = source.slice(offset, end);
  if (text.includes("\0")) throw new SyntaxMistake("an unclosed quote", offset);
  return { token: literal(text, { is: "string", offset, text, value: unquoteJson(text) }), end };
}

function numberAt(source: string, offset: number, end: number): { token: Token; end: number } {
  const text = source.slice(offset, end);
  if (/^-?0\d+$/.test(text))
    throw new SyntaxMistake(`the number ${text}`, offset, "a number that does not start with 0");
  return { token: literal(text, { is: isFloat(text) ? "float" : "integer", offset, text }), end };
}

function wordAt(source: string, offset: number, end: number): { token: Token; end: number } {
  const text = source.slice(offset, end);
  if (text === "true" || text === "false") return { token: { type: "boolean", text, offset }, end };
  if (text !== "null") throw new SyntaxMistake(text, offset);
  // to Vault, null is an empty string
  return { token: literal(text, { is: "string", offset, text, value: "" }), end };
}

function literal(text: string, value: Literal): Token {
  return { type: "literal", text, offset: value.offset, value };
}

function isComment(source: string, offset: number): boolean {
  return /^(?:#|\/[/*])/.test(source.slice(offset, offset + 2));
}
