import { HclError, isJson, type Token, tokenize, unquote } from "./tokens.ts";

/** A value in a policy: a block is `{ ... }`, in JSON an object. */
export type HclValue =
  | { readonly is: "string"; readonly offset: number; readonly value: string }
  | { readonly is: "number"; readonly offset: number; readonly value: number }
  | { readonly is: "boolean"; readonly offset: number; readonly value: boolean }
  | { readonly is: "list"; readonly offset: number; readonly items: readonly HclValue[] }
  | { readonly is: "block"; readonly offset: number; readonly entries: readonly HclEntry[] };

/** `key "label" = value` or `key "label" { ... }`. */
export type HclEntry = {
  readonly offset: number;
  readonly key: string;
  readonly labels: readonly { readonly text: string; readonly offset: number }[];
  readonly value: HclValue;
};

type Parser = { readonly tokens: Token[]; next: number; readonly json: boolean };

/**
 * Parses the part of HCL 1 that policies use: blocks with labels, assignments, strings, numbers, booleans, lists,
 * objects, here-documents and three kinds of comment. Or the same in JSON, without comments, as Vault does.
 *
 * @returns the entries of the text; for JSON, the entries of its object
 * @throws HclError if the text is neither
 * @see https://github.com/hashicorp/hcl/blob/hcl1/README.md
 */
export function parseHcl(source: string): HclEntry[] {
  const parser: Parser = { tokens: tokenize(source), next: 0, json: isJson(source) };
  if (!parser.json) return parseEntries(parser, "end");
  take(parser);
  const entries = parseEntries(parser, "}");
  const rest = peek(parser);
  if (rest.type !== "end") throw new HclError(rest.text, rest.offset);
  return entries;
}

function parseEntries(parser: Parser, end: "end" | "}"): HclEntry[] {
  const entries: HclEntry[] = [];
  for (;;) {
    const token = peek(parser);
    if (end === "end" ? token.type === "end" : isMark(token, "}")) {
      take(parser);
      return entries;
    }
    entries.push(parseEntry(parser));
    if (isMark(peek(parser), ",")) take(parser);
  }
}

function parseEntry(parser: Parser): HclEntry {
  const token = take(parser);
  if (token.type !== "string" && (token.type !== "word" || parser.json)) throw new HclError(token.text, token.offset);
  const labels: { text: string; offset: number }[] = [];
  for (let label = peek(parser); label.type === "string" || label.type === "word"; label = peek(parser)) {
    labels.push({ text: unquote(take(parser)), offset: label.offset });
  }
  const mark = peek(parser);
  if (labels.length === 0 && isMark(mark, "=:")) take(parser);
  else if (parser.json || !isMark(mark, "{")) throw new HclError(mark.text, mark.offset);
  return { offset: token.offset, key: unquote(token), labels, value: parseValue(parser) };
}

function parseValue(parser: Parser): HclValue {
  const token = take(parser);
  const { offset } = token;
  if (token.type === "string") return { is: "string", offset, value: unquote(token) };
  if (token.type === "number") return { is: "number", offset, value: Number(token.text) };
  if (token.type === "word" && (token.text === "true" || token.text === "false")) {
    return { is: "boolean", offset, value: token.text === "true" };
  }
  if (isMark(token, "{")) return { is: "block", offset, entries: parseEntries(parser, "}") };
  if (isMark(token, "[")) return { is: "list", offset, items: parseList(parser) };
  throw new HclError(token.text, offset);
}

function parseList(parser: Parser): HclValue[] {
  const items: HclValue[] = [];
  for (;;) {
    if (isMark(peek(parser), "]")) {
      take(parser);
      return items;
    }
    items.push(parseValue(parser));
    const token = peek(parser);
    if (isMark(token, ",")) take(parser);
    else if (!isMark(token, "]")) throw new HclError(token.text, token.offset);
  }
}

function peek(parser: Parser): Token {
  return parser.tokens[parser.next] ?? { type: "end", text: "the end", offset: 0, end: 0 };
}

function take(parser: Parser): Token {
  const token = peek(parser);
  if (token.type !== "end") parser.next++;
  return token;
}

/** @param marks any of these single characters */
function isMark(token: Token, marks: string): boolean {
  return token.type === "mark" && marks.includes(token.text);
}
