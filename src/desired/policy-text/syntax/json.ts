import type { Mistake } from "../mistake.ts";
import { type Reader, readerOf, type Token, take } from "./json-tokens.ts";
import { checkDepth, type Entry, type Key, SyntaxMistake, type Value } from "./tree.ts";

type Parser = { readonly reader: Reader; readonly mistakes: Mistake[] };

/**
 * Parses a policy in JSON as Vault's parser does. That parser is lenient: it accepts some texts that are not JSON, and silently
 * reads less of them than is written.
 *
 * @param mistakes receives a warning for everything that Vault does not read
 * @throws SyntaxMistake if Vault refuses the text
 */
export function parseJson(source: string, mistakes: Mistake[]): readonly Entry[] {
  const reader = readerOf(source);
  const parser: Parser = { reader, mistakes };
  const { offset } = take(reader);
  const { entries } = parseObject(parser, offset, 1);
  const rest = source.slice(reader.next).trimStart();
  if (rest !== "")
    warn(
      parser,
      source.length - rest.length,
      "more after the end of the JSON",
      "nothing, since Vault does not read it",
    );
  return entries;
}

type Block = Extract<Value, { is: "block" }>;

function parseObject(parser: Parser, offset: number, depth: number): Block {
  checkDepth(depth, offset);
  const entries: Entry[] = [];
  try {
    for (;;) {
      const entry = parseEntry(parser, depth);
      if (entry === undefined) {
        warnOfEnd(parser, parser.reader.token);
        break;
      }
      entries.push(entry);
      const token = take(parser.reader);
      if (isMark(token, ",")) continue;
      if (!isMark(token, "}")) warnOfEnd(parser, token);
      break;
    }
  } catch (error) {
    // at a closing brace Vault ends the object, and drops the entry that is not complete
    if (!(error instanceof SyntaxMistake) || !isMark(parser.reader.token, "}")) throw error;
    if (!(error instanceof NoEntry))
      warn(parser, error.offset, "}", "a complete entry before it, since Vault drops the last one");
  }
  warnOfDuplicates(parser, entries);
  return { is: "block", offset, entries };
}

/** Unlike in HCL, Vault accepts a key twice. Objects are merged as blocks of HCL are. */
function warnOfDuplicates(parser: Parser, entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { keys, value } of entries.filter((entry) => entry.value.is !== "block")) {
    const text = keys.map((key) => key.text).join(" ");
    const expected = "each key once, since Vault merges lists and else takes the last value";
    if (seen.has(text)) warn(parser, keys[0]?.offset ?? value.offset, `a duplicate ${text}`, expected);
    seen.add(text);
  }
}

/** Whatever follows an entry, Vault takes it for the end of the object. */
function warnOfEnd(parser: Parser, { text, offset }: Token): void {
  warn(parser, offset, text, "} or a comma, since Vault ends the object here");
}

/** A closing brace in place of an entry: the object is empty, or has a trailing comma. */
class NoEntry extends SyntaxMistake {}

/** @returns undefined at the end of the text */
function parseEntry(parser: Parser, depth: number): Entry | undefined {
  const keys: Key[] = [];
  for (;;) {
    const token = take(parser.reader);
    if (token.type === "end") return undefined;
    if (isMark(token, ":") && keys.length > 0) break;
    if (token.type !== "literal" || token.value.is !== "string" || !token.text.startsWith('"')) {
      throw new (keys.length === 0 ? NoEntry : SyntaxMistake)(token.text, token.offset);
    }
    keys.push({ offset: token.offset, text: token.text, value: token.value.value, isJson: true });
  }
  const token = take(parser.reader);
  return token.type === "end" ? undefined : { keys, value: parseValue(parser, token, depth), isAssigned: true };
}

function parseValue(parser: Parser, token: Token, depth: number): Value {
  const { offset, text } = token;
  if (token.type === "literal") return token.value;
  if (token.type === "boolean") return { is: "boolean", offset, value: text === "true" };
  if (isMark(token, "{")) return parseObject(parser, offset, depth + 1);
  if (isMark(token, "[")) return { is: "list", offset, items: parseList(parser, depth) };
  throw new SyntaxMistake(text, offset);
}

function parseList(parser: Parser, depth: number): Value[] {
  const items: Value[] = [];
  for (;;) {
    const token = take(parser.reader);
    if (isMark(token, "]")) return items;
    if (isMark(token, ",")) continue;
    if (token.type === "boolean" || isMark(token, "[")) {
      warn(parser, token.offset, `${token.text} in a list`, "strings, numbers or objects, since Vault skips it");
    } else if (isMark(token, "{")) {
      items.push(parseObject(parser, token.offset, depth + 1));
    } else if (token.type === "literal" && token.text !== "null") {
      items.push(token.value);
    } else {
      throw new SyntaxMistake(token.text, token.offset);
    }
  }
}

function warn(parser: Parser, offset: number, found: string, expected: string): void {
  parser.mistakes.push({ offset, found, expected, isWarning: true });
}

function isMark({ type, text }: Token, mark: string): boolean {
  return type === "mark" && text === mark;
}

/**
 * Turns objects that have nothing but objects into entries with several keys, as Vault does: `{"path": {"a": {...}}}` becomes
 * `path "a" {...}`.
 */
export function flatten(entries: readonly Entry[]): Entry[] {
  return entries.flatMap(flattenEntry).map((entry) => ({ ...entry, value: flattenWithin(entry.value) }));
}

function flattenEntry(entry: Entry): Entry[] {
  const { keys, value } = entry;
  if (value.is === "block" && value.entries.length > 0 && value.entries.every(hasBlock)) {
    return value.entries.flatMap((inner) => flattenEntry({ ...inner, keys: [...keys, ...inner.keys] }));
  }
  if (value.is === "list" && value.items.length > 0 && value.items.every(({ is }) => is === "block")) {
    return value.items.flatMap((item) => flattenEntry({ ...entry, value: item }));
  }
  return [entry];
}

function hasBlock({ value }: Entry): boolean {
  return value.is === "block";
}

function flattenWithin(value: Value): Value {
  if (value.is === "block") return { ...value, entries: flatten(value.entries) };
  return value.is === "list" ? { ...value, items: value.items.map(flattenWithin) } : value;
}
