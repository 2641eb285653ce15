/**
 * A reader for the part of HCL 1 that policies are written in: blocks with labels, assignments, texts, numbers, truth
 * values, lists, objects, here-documents, three kinds of comment; or all that in JSON, without comments. Vault reads
 * policies by the same language.
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
  /** The offset behind it. */
  readonly end: number;
};

type Language = {
  readonly space: RegExp;
  /** One token, whose first character tells its type. */
  readonly token: RegExp;
  readonly hereDocument?: RegExp;
};

const ordinary = /"(?:\\[\s\S]|[^"\\\n])*"|-?\d+(?:\.\d+)?(?![\w.-])|[A-Za-z_*][\w.*-]*/;
const hcl: Language = {
  space: /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y,
  token: new RegExp(`${ordinary.source}|[={}[\\],]`, "y"),
  hereDocument: /<<(-?)([A-Za-z_]\w*)\r?\n([\s\S]*?)^[ \t]*\2[ \t]*$/my,
};
const json: Language = { space: /[ \t\r\n]*/y, token: new RegExp(`${ordinary.source}|[:{}[\\],]`, "y") };

/** How Vault tells the two apart. */
export function isJson(source: string): boolean {
  return source.trimStart().startsWith("{");
}

/**
 * @returns what stands in the text; of JSON, what stands in its object
 * @throws HclError
 */
export function parseHcl(source: string): HclEntry[] {
  const inJson = isJson(source);
  const parser: Parser = { tokens: tokenize(source, inJson ? json : hcl), at: 0, json: inJson };
  if (!inJson) return parseBody(parser, "end");
  take(parser);
  const body = parseBody(parser, "}");
  const rest = peek(parser);
  if (rest.type !== "end") throw new HclError(rest.text, rest.offset);
  return body;
}

/** No policy comes near this; without it a text could exhaust the stack. */
const deepest = 100;
const depths: Readonly<Record<string, number>> = { "{": 1, "[": 1, "}": -1, "]": -1 };

function tokenize(source: string, language: Language): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (let offset = skip(source, language, 0); offset < source.length; ) {
    const token = next(source, language, offset);
    tokens.push(token);
    if (token.type === "mark") depth += depths[token.text] ?? 0;
    if (depth > deepest) throw new HclError("a value too deep inside of others", offset);
    offset = skip(source, language, token.end);
  }
  tokens.push({ type: "end", text: "the end", offset: source.length, end: source.length });
  return tokens;
}

function skip(source: string, { space }: Language, offset: number): number {
  space.lastIndex = offset;
  space.test(source);
  if (space === hcl.space && source.startsWith("/*", space.lastIndex)) {
    throw new HclError("a comment that does not end", space.lastIndex);
  }
  return space.lastIndex;
}

function next(source: string, language: Language, offset: number): Token {
  const { token, hereDocument } = language;
  token.lastIndex = offset;
  if (token.test(source)) {
    const text = source.slice(offset, token.lastIndex);
    return { type: typeOf(text), text, offset, end: token.lastIndex };
  }
  if (hereDocument !== undefined) {
    hereDocument.lastIndex = offset;
    const here = hereDocument.exec(source);
    if (here !== null) {
      return { type: "text", text: JSON.stringify(here[3]), offset, end: hereDocument.lastIndex };
    }
  }
  throw new HclError(describe(source.slice(offset, offset + 2), language), offset);
}

function typeOf(text: string): Token["type"] {
  if (text.startsWith('"')) return "text";
  if (/^[-\d]/.test(text)) return "number";
  return /^[A-Za-z_*]/.test(text) ? "word" : "mark";
}

function describe(rest: string, language: Language): string {
  if (language === json && /^(?:#|\/[/*])/.test(rest)) return "a comment in JSON";
  if (rest.startsWith('"')) return "a text without its closing quote";
  const [character = ""] = rest;
  if (/[!-~]/.test(character)) return JSON.stringify(character);
  // such as a byte order mark, which nobody would see
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  return `the character U+${code}`;
}

type Parser = { readonly tokens: Token[]; at: number; readonly json: boolean };

function peek(parser: Parser): Token {
  return parser.tokens[parser.at] ?? { type: "end", text: "the end", offset: 0, end: 0 };
}

function take(parser: Parser): Token {
  const token = peek(parser);
  if (token.type !== "end") parser.at++;
  return token;
}

/** @param marks any of these, each of one character */
function isMark(token: Token, marks: string): boolean {
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
  if (token.type !== "text" && (token.type !== "word" || parser.json)) throw new HclError(token.text, token.offset);
  const labels: { text: string; offset: number }[] = [];
  for (let label = peek(parser); label.type === "text" || label.type === "word"; label = peek(parser)) {
    labels.push({ text: textOf(take(parser)), offset: label.offset });
  }
  const mark = peek(parser);
  if (labels.length === 0 && isMark(mark, "=:")) take(parser);
  else if (parser.json || !isMark(mark, "{")) throw new HclError(mark.text, mark.offset);
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

const escapes = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|([\s\S]))/gi;
const plain: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", '"': '"' },
};

/** By Go's escapes, in JSON too: Vault takes no `\/`. */
function textOf({ type, text, offset }: Token): string {
  if (type !== "text") return text;
  const inside = text.slice(1, -1);
  if (!inside.includes("\\")) return inside;
  return inside.replace(escapes, (_, x?: string, u?: string, U?: string, octal?: string, one = "") => {
    const hex = x ?? u ?? U;
    const code = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
    const character = Number.isNaN(code) ? plain[one] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
    if (character === undefined) throw new HclError(`the text ${text}, with an escape that is none`, offset);
    return character;
  });
}
