import { readHereDocument } from "./here-document.ts";
import { hclNumber, isFloat } from "./numbers.ts";
import { endOfString, unquoteHcl } from "./strings.ts";
import { checkDepth, type StringValue, SyntaxMistake, type Value } from "./tree.ts";

type Literal = Extract<Value, { is: "string" | "integer" | "float" | "boolean" }>;

export type Token =
  | { readonly type: "literal"; readonly text: string; readonly offset: number; readonly value: Literal }
  | { readonly type: "word" | "mark" | "end"; readonly text: string; readonly offset: number };

const space = /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const number = new RegExp(hclNumber, "uy");
const word = /[\p{L}_][\p{L}\p{Nd}_.-]*/uy;
const depths: Readonly<Record<string, number>> = { "{": 1, "[": 1, "}": -1, "]": -1 };

/**
 * Splits a policy in HCL into tokens, the last of which has the type "end".
 * @throws SyntaxMistake at an invalid character, or where values are nested too deeply
 */
export function tokenize(source: string): Token[] {
  const reserved = source.search(/[\0\ue123]/);
  if (reserved >= 0) throw new SyntaxMistake(describe(source, reserved), reserved);
  const tokens: Token[] = [];
  let depth = 0;
  for (let offset = skipSpace(source, 0); offset < source.length; ) {
    const { token, end } = tokenAt(source, offset);
    tokens.push(token);
    if (token.type === "mark") depth += depths[token.text] ?? 0;
    checkDepth(depth, offset);
    offset = skipSpace(source, end);
  }
  tokens.push({ type: "end", text: "the end", offset: source.length });
  return tokens;
}

function skipSpace(source: string, offset: number): number {
  space.lastIndex = offset;
  space.test(source);
  if (source.startsWith("/*", space.lastIndex)) throw new SyntaxMistake("an unclosed comment", space.lastIndex);
  return space.lastIndex;
}

function tokenAt(source: string, offset: number): { token: Token; end: number } {
  const first = source[offset] ?? "";
  if (first === '"') return stringAt(source, offset);
  if (first === "<") {
    const { token: value, end } = readHereDocument(source, offset);
    return { token: { type: "literal", text: value.text, offset, value }, end };
  }
  if ("={}[],".includes(first)) return { token: { type: "mark", text: first, offset }, end: offset + 1 };
  return numberAt(source, offset) ?? wordAt(source, offset);
}

function stringAt(source: string, offset: number): { token: Token; end: number } {
  const end = endOfString(source, offset, true);
  const text = source.slice(offset, end);
  const value: StringValue = { is: "string", offset, text, value: unquoteHcl(text) };
  return { token: { type: "literal", text, offset, value }, end };
}

function numberAt(source: string, offset: number): { token: Token; end: number } | undefined {
  number.lastIndex = offset;
  if (!number.test(source)) return undefined;
  const end = number.lastIndex;
  const text = source.slice(offset, end);
  // Vault checks the digits of an octal number from the second on
  const isInvalid = /^-?0\d+[89]\d*$/.test(text) || (/^-?0$/.test(text) && /[xX]/.test(source[end] ?? ""));
  if (isInvalid) throw new SyntaxMistake(`the number ${text}`, offset, "a number that does not start with 0");
  const value = { is: isFloat(text) ? "float" : "integer", offset, text } as const;
  return { token: { type: "literal", text, offset, value }, end };
}

function wordAt(source: string, offset: number): { token: Token; end: number } {
  word.lastIndex = offset;
  if (!word.test(source)) throw new SyntaxMistake(describe(source, offset), offset);
  const end = word.lastIndex;
  const text = source.slice(offset, end);
  if (text !== "true" && text !== "false") return { token: { type: "word", text, offset }, end };
  const value = { is: "boolean", offset, value: text === "true" } as const;
  return { token: { type: "literal", text, offset, value }, end };
}

/** Describes an invalid character, which may be invisible, such as a byte order mark. */
export function describe(source: string, offset: number): string {
  const code = source.codePointAt(offset) ?? 0;
  if (code > 0x20 && code < 0x7f) return JSON.stringify(String.fromCodePoint(code));
  return `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
