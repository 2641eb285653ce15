/**
 * A reader for the part of HCL 1 that policies are written in: blocks with labels, assignments, texts, numbers, truth
 * values, lists, objects, here-documents, three kinds of comment. Vault reads policies by the same language.
 *
 * @see https://github.com/hashicorp/hcl/blob/hcl1/README.md
 */
export type HclValue =
  | { readonly is: "text"; readonly offset: number; readonly value: string }
  | { readonly is: "number"; readonly offset: number; readonly value: number }
  | { readonly is: "bool"; readonly offset: number; readonly value: boolean }
  | { readonly is: "list"; readonly offset: number; readonly items: readonly HclValue[] }
  | { readonly is: "body"; readonly offset: number; readonly body: readonly HclEntry[] };

/** `key "label" = value` or `key "label" { ... }`. */
export type HclEntry = {
  readonly offset: number;
  readonly key: string;
  readonly labels: readonly { readonly text: string; readonly offset: number }[];
  readonly value: HclValue;
};

/** The text is no HCL; `offset` is where. */
export class HclError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = "HclError";
    this.offset = offset;
  }
}

type Token = {
  readonly type: "text" | "word" | "number" | "mark" | "end";
  readonly text: string;
  readonly offset: number;
};

const space = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const patterns: readonly [Token["type"], RegExp][] = [
  ["text", /"(?:\\[\s\S]|[^"\\\n])*"/y],
  ["number", /-?\d+(?:\.\d+)?(?![\w.-])/y],
  ["word", /[A-Za-z_*][\w.*-]*/y],
  ["mark", /[={}[\],:]/y],
];
const hereDocument = /<<(-?)([A-Za-z_]\w*)\r?\n([\s\S]*?)^[ \t]*\2[ \t]*$/my;

/** @throws HclError */
export function parseHcl(source: string): HclEntry[] {
  const parser = { tokens: tokenize(source), at: 0 };
  const body = parseBody(parser, "end");
  return body;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (let offset = skip(source, 0); offset < source.length; ) {
    const token = next(source, offset);
    tokens.push(token.token);
    offset = skip(source, token.end);
  }
  tokens.push({ type: "end", text: "the end", offset: source.length });
  return tokens;
}

function skip(source: string, offset: number): number {
  space.lastIndex = offset;
  space.exec(source);
  if (source.startsWith("/*", space.lastIndex)) throw new HclError("a comment that does not end", space.lastIndex);
  return space.lastIndex;
}

function next(source: string, offset: number): { token: Token; end: number } {
  hereDocument.lastIndex = offset;
  const here = hereDocument.exec(source);
  if (here !== null) {
    return { token: { type: "text", text: JSON.stringify(here[3] ?? ""), offset }, end: hereDocument.lastIndex };
  }
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = offset;
    const match = pattern.exec(source);
    if (match !== null) return { token: { type, text: match[0], offset }, end: pattern.lastIndex };
  }
  const what = source[offset] === '"' ? "a text without its closing quote" : JSON.stringify(source[offset]);
  throw new HclError(what, offset);
}

type Parser = { readonly tokens: Token[]; at: number };

function peek(parser: Parser): Token {
  return parser.tokens[parser.at] ?? { type: "end", text: "the end", offset: 0 };
}

function take(parser: Parser): Token {
  const token = peek(parser);
  if (token.type !== "end") parser.at++;
  return token;
}

function isMark(token: Token, ...marks: string[]): boolean {
  return token.type === "mark" && marks.includes(token.text);
}

function parseBody(parser: Parser, end: "end" | "}"): HclEntry[] {
  const body: HclEntry[] = [];
  for (;;) {
    const token = peek(parser);
    if (end === "end" ? token.type === "end" : isMark(token, "}")) {
      take(parser);
      return body;
    }
    body.push(parseEntry(parser));
    if (isMark(peek(parser), ",")) take(parser);
  }
}

function parseEntry(parser: Parser): HclEntry {
  const token = take(parser);
  if (token.type !== "word" && token.type !== "text") throw new HclError(token.text, token.offset);
  const labels: { text: string; offset: number }[] = [];
  for (let label = peek(parser); label.type === "text" || label.type === "word"; label = peek(parser)) {
    labels.push({ text: textOf(take(parser)), offset: label.offset });
  }
  const mark = peek(parser);
  if (isMark(mark, "=", ":")) take(parser);
  else if (!isMark(mark, "{")) throw new HclError(mark.text, mark.offset);
  return { offset: token.offset, key: textOf(token), labels, value: parseValue(parser) };
}

function parseValue(parser: Parser): HclValue {
  const token = take(parser);
  const { offset } = token;
  if (token.type === "text") return { is: "text", offset, value: textOf(token) };
  if (token.type === "number") return { is: "number", offset, value: Number(token.text) };
  if (token.type === "word" && (token.text === "true" || token.text === "false")) {
    return { is: "bool", offset, value: token.text === "true" };
  }
  if (isMark(token, "{")) return { is: "body", offset, body: parseBody(parser, "}") };
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

function textOf(token: Token): string {
  if (token.type !== "text") return token.text;
  try {
    // HCL lets a tab stand in a text, JSON does not
    return JSON.parse(token.text.replaceAll("\t", "\\t")) as string;
  } catch {
    throw new HclError(`the text ${token.text}, with an escape that is none`, token.offset);
  }
}
