import type { Origin } from "../resources/kind.ts";
import type { Entry, Scalar, Tree } from "./tree.ts";

/**
 * A fast reader of everyday YAML: block maps and lists, texts on one line or as a literal, and small flow collections.
 * It knows its limits: for all else, and for whatever may be wrong, it says so, and the whole of YAML is read by the `yaml`
 * package, which takes ten times as long. What it does read, it reads as that package does, to the column.
 */

/** Not everyday YAML; never leaves this file. */
class NotPlain extends Error {}

type Reader = { readonly file: string; readonly lines: readonly string[]; row: number };

/** @returns undefined where the text is not of the everyday kind, or may be wrong */
export function readPlainYaml(file: string, text: string): Tree | undefined {
  // control characters, and files that break off in mid-line, have rules of their own
  if (!text.endsWith("\n") || /(?!\n)\p{Cc}|\ufeff/u.test(text)) return undefined;
  const reader: Reader = { file, lines: text.split("\n"), row: 0 };
  try {
    if (nextLine(reader) === "---") reader.row++;
    const tree = readBlock(reader, 0);
    return nextLine(reader) === undefined ? tree : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const empty = /^ *(?:#.*)?$/;

/** The line at hand, behind empty ones and comments; undefined at the end. */
function nextLine(reader: Reader): string | undefined {
  for (; reader.row < reader.lines.length; reader.row++) {
    const line = reader.lines[reader.row] ?? "";
    if (!empty.test(line)) return line;
  }
  return undefined;
}

function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 32) indent++;
  return indent;
}

function originOf({ file, row }: Reader, column: number): Origin {
  return { file, line: row + 1, column: column + 1 };
}

/** A map or list whose lines are indented by at least that much. */
function readBlock(reader: Reader, least: number): Tree {
  const line = nextLine(reader);
  if (line === undefined || indentOf(line) < least) throw new NotPlain();
  const indent = indentOf(line);
  return line.startsWith("- ", indent) ? readList(reader, indent) : readMap(reader, indent);
}

/** The next line of a block that is indented so; undefined where the block ends. */
function lineOf(reader: Reader, indent: number): string | undefined {
  const line = nextLine(reader);
  if (line === undefined || indentOf(line) < indent) return undefined;
  // a text that goes on, or a mistake
  if (indentOf(line) > indent) throw new NotPlain();
  return line;
}

const key = /(?:([\w/.][\w/.@+=*-]*)|"([^"\\]+)"|'([^']+)'):(?= |$)/y;

/** YAML allows 1,024 characters up to the colon. */
const longestKey = 1000;

function readMap(reader: Reader, indent: number): Tree {
  const at = originOf(reader, indent);
  const entries = new Map<string, Entry>();
  for (let line = lineOf(reader, indent); line !== undefined; line = lineOf(reader, indent)) {
    key.lastIndex = indent;
    const match = key.exec(line);
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    if (name === undefined || name.length > longestKey || entries.has(name)) throw new NotPlain();
    const keyAt = originOf(reader, indent);
    entries.set(name, { at: keyAt, value: readValue(reader, line, key.lastIndex, indent) });
  }
  return { is: "map", at, entries };
}

function readList(reader: Reader, indent: number): Tree {
  const at = originOf(reader, indent);
  const items: Tree[] = [];
  for (let line = lineOf(reader, indent); line?.startsWith("- ", indent); line = lineOf(reader, indent)) {
    const column = skipSpaces(line, indent + 2);
    items.push(readInline(reader, line, column));
    reader.row++;
  }
  return { is: "list", at, items };
}

/** What stands behind a key, on its line or below. */
function readValue(reader: Reader, line: string, behind: number, indent: number): Tree {
  const column = skipSpaces(line, behind);
  if (column === line.length || (line[column] === "#" && column > behind)) {
    reader.row++;
    const next = nextLine(reader);
    // a list may stand as far left as the key that it belongs to
    if (next !== undefined && indentOf(next) === indent && next.startsWith("- ", indent))
      return readList(reader, indent);
    return readBlock(reader, indent + 1);
  }
  if (line[column] === "|") return readLiteral(reader, line.slice(column), originOf(reader, column), indent);
  const value = readInline(reader, line, column);
  reader.row++;
  return value;
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === 32) at++;
  return at;
}

function readLiteral(reader: Reader, header: string, at: Origin, indent: number): Tree {
  if (header !== "|" && header !== "|-") throw new NotPlain();
  const first = reader.lines[reader.row + 1] ?? "";
  const inner = indentOf(first);
  if (inner <= indent || inner === first.length) throw new NotPlain();
  const lines: string[] = [];
  for (reader.row++; reader.row < reader.lines.length; reader.row++) {
    const line = reader.lines[reader.row] ?? "";
    const spaces = indentOf(line);
    if (spaces === line.length && spaces > inner) throw new NotPlain();
    if (spaces < line.length && spaces < inner) break;
    lines.push(line.slice(inner));
  }
  const text = lines.join("\n").replace(/\n+$/, "");
  return { is: "scalar", at, value: header === "|" ? `${text}\n` : text };
}

const rest = /(?: +#.*| *)$/y;

/** A value that ends on its line; a comment may follow. */
function readInline(reader: Reader, line: string, column: number): Tree {
  const first = line[column] ?? "";
  if ("\"'[{".includes(first)) {
    const { tree, end } = readFlow(reader, line, column);
    rest.lastIndex = end;
    if (!rest.test(line)) throw new NotPlain();
    return tree;
  }
  const comment = line.indexOf(" #", column);
  const text = line.slice(column, comment < 0 ? undefined : comment).replace(/ +$/, "");
  if (text === "" || text.includes(": ") || text.endsWith(":")) throw new NotPlain();
  return { is: "scalar", at: originOf(reader, column), value: resolve(text) };
}

const quoted = /"(?:[^"\\]|\\["\\/bfnrt])*"|'[^']*'(?!')/y;
const word = /[\w/.][\w/.@+=*-]*(?=,| *[\]}]|: )/y;

type Flow = { readonly tree: Tree; readonly end: number };

function readFlow(reader: Reader, line: string, column: number): Flow {
  if (line[column] === "[") return readFlowList(reader, line, column);
  if (line[column] === "{") return readFlowMap(reader, line, column);
  const { value, end } = readWord(line, column);
  return { tree: { is: "scalar", at: originOf(reader, column), value }, end };
}

function readWord(line: string, column: number): { value: Scalar; end: number } {
  quoted.lastIndex = column;
  const [text] = quoted.exec(line) ?? [];
  if (text !== undefined) {
    const value = text.startsWith('"') ? (JSON.parse(text) as string) : text.slice(1, -1);
    return { value, end: quoted.lastIndex };
  }
  word.lastIndex = column;
  const [plain] = word.exec(line) ?? [];
  if (plain === undefined) throw new NotPlain();
  return { value: resolve(plain), end: word.lastIndex };
}

function readFlowList(reader: Reader, line: string, column: number): Flow {
  const items: Tree[] = [];
  const end = readBetween(line, column, "]", (from) => {
    const item = readFlow(reader, line, from);
    items.push(item.tree);
    return item.end;
  });
  return { tree: { is: "list", at: originOf(reader, column), items }, end };
}

function readFlowMap(reader: Reader, line: string, column: number): Flow {
  const entries = new Map<string, Entry>();
  const end = readBetween(line, column, "}", (from) => {
    const name = readWord(line, from);
    if (typeof name.value !== "string" || entries.has(name.value)) throw new NotPlain();
    if (!line.startsWith(": ", name.end)) throw new NotPlain();
    const value = readFlow(reader, line, skipSpaces(line, name.end + 1));
    entries.set(name.value, { at: originOf(reader, from), value: value.tree });
    return value.end;
  });
  return { tree: { is: "map", at: originOf(reader, column), entries }, end };
}

/** Calls `each` with the column of each element; it gives that behind it. */
function readBetween(line: string, open: number, close: string, each: (from: number) => number): number {
  let at = skipSpaces(line, open + 1);
  if (line[at] === close) return at + 1;
  for (;;) {
    at = skipSpaces(line, each(at));
    if (line[at] === close) return at + 1;
    if (line[at] !== ",") throw new NotPlain();
    at = skipSpaces(line, at + 1);
  }
}

const whole = /^(?:0|-?[1-9]\d*)$/;
/** Where a plain text begins so, it may be a number, or something of YAML's own. */
const special = /^[-+.\d?:,[\]{}#&*!|>'"%@`~]/;
const number = /^(?:0[ox]|(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$|\.(?:inf|nan)$)/i;
const named = new Map<string, Scalar>([
  ...["true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["false", "False", "FALSE"].map((text) => [text, false] as const),
]);

/** A plain text as YAML's core schema takes it. */
function resolve(text: string): Scalar {
  if (!special.test(text)) {
    if (/^null$/i.test(text)) throw new NotPlain();
    return named.get(text) ?? text;
  }
  if (whole.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  // 24h and 10.0.0.1 are texts; 0x1f and 1e3 are left to the whole of YAML
  if (/^[.\d]/.test(text) && !number.test(text)) return text;
  throw new NotPlain();
}
