import type { Mistake } from "../mistake.ts";
import { type Token, tokenize } from "./hcl-tokens.ts";
import { type Entry, type Key, SyntaxMistake, type Value } from "./tree.ts";

type Parser = { readonly tokens: readonly Token[]; next: number; readonly mistakes: Mistake[] };

/**
 * Parses HCL 1, the language of policies, as Vault's parser does.
 * @param mistakes receives arguments that are defined twice
 * @throws SyntaxMistake if the text is not HCL
 * @see https://github.com/hashicorp/hcl/blob/hcl1/README.md
 */
export function parseHcl(source: string, mistakes: Mistake[]): Entry[] {
  return parseEntries({ tokens: tokenize(source), next: 0, mistakes }, "end");
}

function parseEntries(parser: Parser, end: "end" | "}"): Entry[] {
  const entries: Entry[] = [];
  const assigned = new Set<string>();
  for (;;) {
    const token = peek(parser);
    if (end === "end" ? token.type === "end" : isMark(token, "}")) {
      take(parser);
      return entries;
    }
    const entry = parseEntry(parser, end === "end");
    if (entry === undefined) continue;
    entries.push(entry);
    if (entry.isAssigned) reportDuplicates(entry, assigned, parser.mistakes);
    if (isMark(peek(parser), ",")) take(parser);
  }
}

/** Vault compares arguments as they are written: `policy` and `"policy"` differ. It does not compare blocks. */
function reportDuplicates({ keys }: Entry, assigned: Set<string>, mistakes: Mistake[]): void {
  for (const { text, offset } of keys) {
    if (assigned.has(text)) mistakes.push({ offset, found: `a duplicate ${text}`, expected: "each key once" });
    assigned.add(text);
  }
}

/** @returns undefined for a key and an equals sign at the end of the text, which Vault ignores */
function parseEntry(parser: Parser, isOutermost: boolean): Entry | undefined {
  const keys = parseKeys(parser);
  const mark = take(parser);
  const [key] = keys;
  if (key === undefined) throw new SyntaxMistake(mark.text, mark.offset);
  if (isMark(mark, "{")) return { keys, value: parseBlock(parser, mark), isAssigned: false };
  if (keys.length > 1 || !isMark(mark, "=")) throw new SyntaxMistake(mark.text, mark.offset);
  if (isOutermost && peek(parser).type === "end") {
    parser.mistakes.push({
      offset: key.offset,
      found: `${key.text} = at the end`,
      expected: "a value",
      isWarning: true,
    });
    return undefined;
  }
  return { keys, value: parseValue(parser), isAssigned: true };
}

function parseKeys(parser: Parser): Key[] {
  const keys: Key[] = [];
  for (;;) {
    const token = peek(parser);
    const key = keyIn(token);
    if (key === undefined) return keys;
    keys.push(key);
    take(parser);
  }
}

/** @returns undefined if it is neither a word nor a quoted string */
function keyIn(token: Token): Key | undefined {
  const { type, offset, text } = token;
  if (type === "word") return { offset, text, value: text };
  if (type !== "literal" || token.value.is !== "string" || token.value.isHereDocument) return undefined;
  return { offset, text, value: token.value.value };
}

function parseBlock(parser: Parser, { offset }: Token): Value {
  return { is: "block", offset, entries: parseEntries(parser, "}") };
}

function parseValue(parser: Parser): Value {
  const token = take(parser);
  if (token.type === "literal") return token.value;
  if (isMark(token, "{")) return parseBlock(parser, token);
  if (isMark(token, "[")) return { is: "list", offset: token.offset, items: parseList(parser) };
  throw new SyntaxMistake(token.text, token.offset);
}

/** Vault accepts commas anywhere between items, and needs one after each item that is not a list. */
function parseList(parser: Parser): Value[] {
  const items: Value[] = [];
  let needsComma = false;
  for (;;) {
    const token = peek(parser);
    if (isMark(token, "]")) {
      take(parser);
      return items;
    }
    if (isMark(token, ",")) {
      take(parser);
      needsComma = false;
    } else if (needsComma) {
      throw new SyntaxMistake(token.text, token.offset);
    } else {
      const item = parseValue(parser);
      items.push(item);
      needsComma = item.is !== "list";
    }
  }
}

function peek(parser: Parser): Token {
  return parser.tokens[parser.next] ?? { type: "end", text: "the end", offset: 0 };
}

function take(parser: Parser): Token {
  const token = peek(parser);
  if (token.type !== "end") parser.next++;
  return token;
}

/** @param mark a single character */
function isMark(token: Token, mark: string): boolean {
  return token.type === "mark" && token.text === mark;
}
