import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node as YamlNode,
} from "yaml";
import type { Origin } from "../resources/kind.ts";
import { type Path, type Problem, problem } from "./problem.ts";

/** A YAML value with the place where it stands. */
export type Tree =
  | { readonly is: "map"; readonly at: Origin; readonly entries: Map<string, Entry> }
  | { readonly is: "list"; readonly at: Origin; readonly items: Tree[] }
  | { readonly is: "scalar"; readonly at: Origin; readonly value: Scalar };
export type Scalar = string | number | boolean | null;
/** One key of a map; `at` is the key's own place. */
export type Entry = { readonly at: Origin; readonly value: Tree };

/** The most values that the aliases of one file may stand for: more is a mistake, or an attack. */
const largestExpansion = 10_000;
/** How many aliases may stand inside of each other; an alias of itself has no end. */
const deepest = 20;

type Reader = {
  readonly document: Document;
  readonly problems: Problem[];
  readonly origin: (offset: number | undefined) => Origin;
  /** Values that stand there through an alias, so far; inside of how many aliases we are. */
  expanded: number;
  depth: number;
};

/**
 * Reads one YAML file: one document, YAML 1.2 without tags of its own, no key twice.
 * @returns undefined for an empty file, or one that is no YAML (see problems)
 */
export function parseYaml(file: string, text: string, problems: Problem[]): Tree | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, stringKeys: false });
  const origin = (offset = 0) => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  for (const { pos, code } of [
    ...document.errors,
    ...document.warnings.filter(({ code }) => code !== "TAG_RESOLVE_FAILED"),
  ]) {
    problems.push(problem(origin(pos[0]), [], explain(code), "valid YAML"));
  }
  if (document.errors.length > 0 || document.contents === null) return undefined;
  const reader: Reader = { document, problems, origin, expanded: 0, depth: 0 };
  return read(reader, document.contents as YamlNode, []);
}

/** In words of our own: the package's messages repeat what stands there, which may be a secret. */
function explain(code: string): string {
  return errors[code] ?? `an error of YAML (${code})`;
}

const errors: Readonly<Record<string, string>> = {
  BAD_ALIAS: "an alias that is none; a text that begins with * or & needs quotes",
  BAD_DQ_ESCAPE: "an unknown escape in double quotes",
  BAD_INDENT: "a line with too little or too much indentation",
  BAD_SCALAR_START: "a text that begins with a character which needs quotes",
  BLOCK_AS_IMPLICIT_KEY: "a map within one line of another, or a text with a colon that needs quotes",
  BLOCK_IN_FLOW: "a block inside of brackets",
  MISSING_CHAR: "a missing character: a quote, a bracket, a comma or a colon",
  MULTILINE_IMPLICIT_KEY: "a key of several lines, or a line without a colon",
  MULTIPLE_DOCS: "several documents in one file",
  TAB_AS_INDENT: "a tab as indentation",
  UNEXPECTED_TOKEN: "something that does not belong there",
};

function read(reader: Reader, node: YamlNode | null, path: Path, fallback?: Origin): Tree {
  const at = node?.range ? reader.origin(node.range[0]) : (fallback ?? reader.origin(0));
  if (reader.depth > 0) reader.expanded++;
  refuseTag(reader, node, path, at);
  if (isAlias(node)) return readAlias(reader, node, path, at);
  if (isMap(node)) return readMap(reader, node.items, path, at);
  if (isSeq(node)) {
    const items = node.items.map((item, i) => read(reader, item as YamlNode | null, [...path, String(i)], at));
    return { is: "list", at, items };
  }
  return { is: "scalar", at, value: isScalar(node) ? scalar(reader, node, path, at) : null };
}

/** Tags of YAML's own core schema; any other would make a value that no JSON can hold, such as bytes or a date. */
const coreTag = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$|^!$/;

function refuseTag(reader: Reader, node: YamlNode | null, path: Path, at: Origin): void {
  const tag = node?.tag;
  if (tag === undefined || coreTag.test(tag)) return;
  // any other is not told: a password may begin with an exclamation mark
  const found = tag.startsWith("tag:yaml.org,2002:") ? `the tag ${tag.replace("tag:yaml.org,2002:", "!!")}` : "a tag";
  reader.problems.push(problem(at, path, found, "no tag; bytes are written as a text, in base64"));
}

function readAlias(reader: Reader, node: Alias, path: Path, at: Origin): Tree {
  const target = node.resolve(reader.document);
  if (target === undefined) {
    reader.problems.push(problem(at, path, "an alias of nothing", "an anchor of that name before it"));
    return { is: "scalar", at, value: null };
  }
  if (reader.expanded > largestExpansion || reader.depth > deepest) return tooMany(reader, path, at);
  reader.depth++;
  const tree = read(reader, target as YamlNode, path);
  reader.depth--;
  return tree;
}

function tooMany(reader: Reader, path: Path, at: Origin): Tree {
  // told once: every further alias would say the same
  if (Number.isFinite(reader.expanded)) {
    const found = `aliases that stand for more than ${largestExpansion} values`;
    reader.problems.push(problem(at, path, found, "fewer; write them out"));
  }
  reader.expanded = Number.POSITIVE_INFINITY;
  return { is: "scalar", at, value: null };
}

function readMap(reader: Reader, items: readonly { key: unknown; value: unknown }[], path: Path, at: Origin): Tree {
  const entries = new Map<string, Entry>();
  for (const { key, value } of items) {
    const keyAt = reader.origin((key as YamlNode | null)?.range?.[0]);
    if (!isScalar(key)) {
      reader.problems.push(problem(keyAt, path, "a key that is no text", "a text"));
      continue;
    }
    refuseTag(reader, key, path, keyAt);
    const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    if (entries.has(name)) {
      reader.problems.push(problem(keyAt, [...path, name], "a key that stands there twice", "each key once"));
    }
    entries.set(name, { at: keyAt, value: read(reader, value as YamlNode | null, [...path, name], keyAt) });
  }
  return { is: "map", at, entries };
}

function scalar(reader: Reader, { value }: { value: unknown }, path: Path, at: Origin): Scalar {
  const isRound = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  if (isRound || (typeof value === "number" && !Number.isFinite(value))) {
    // not told: it may be a secret
    reader.problems.push(problem(at, path, "a number that is not exact", "one below 2^53, or the digits in quotes"));
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}
