import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  parseEvents,
  SCALAR_STYLE_LITERAL_BLOCK,
  SCALAR_STYLE_PLAIN,
  YAMLException,
} from "js-yaml";
import type { Origin } from "../../kinds/model/kind.ts";
import { originsIn } from "../origin.ts";
import { type Problem, problem } from "../problem.ts";
import { explainFault } from "./fault.ts";
import { hasNoPlace, type Node, readKey, readScalar, type Scalar, startOf, tagFault } from "./scalar.ts";

/**
 * A YAML value with the place where it stands. An alias is the very tree that it names. A text `begins` where its first line does,
 * where its lines stand as they are (after `|`).
 */
export type Tree =
  | { readonly is: "map"; readonly at: Origin; readonly entries: Map<string, Entry> }
  | { readonly is: "list"; readonly at: Origin; readonly items: Tree[] }
  | { readonly is: "scalar"; readonly at: Origin; readonly value: Scalar; readonly begins?: Origin };
/** One key of a map; `at` is the key's own place. */
export type Entry = { readonly at: Origin; readonly value: Tree };

/** The most values that the aliases of one file may stand for: more is a mistake, or an attack. */
const largestExpansion = 10_000;

type Reader = {
  readonly text: string;
  readonly events: readonly Event[];
  readonly problems: Problem[];
  readonly origin: (offset: number) => Origin;
  /** Where in the tree we are; changed as we go, and copied where it is told. */
  readonly path: string[];
  /** What an anchor names, from its end on: within itself it names nothing. With the count of all values in it. */
  readonly anchors: Map<string, { readonly tree: Tree; readonly values: number }>;
  next: number;
  /** Values read so far, those behind aliases as often as they stand there. */
  values: number;
  /** Those of them that stand there through an alias. */
  expanded: number;
};

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/**
 * Reads one YAML file: one document, YAML 1.2 without tags of its own, no key twice.
 * @returns undefined for an empty file, or one that is no YAML (see problems)
 */
export function parseYaml(file: string, text: string, problems: Problem[]): Tree | undefined {
  const origin = originsIn(file, text);
  const events = eventsOf(text, origin, problems);
  const [document, first] = events;
  refuseFurther(events, text, origin, problems);
  if (document?.type !== EVENT_DOCUMENT || first === undefined || isEmpty(first)) return undefined;
  const start = { path: [], anchors: new Map(), next: 1, values: 0, expanded: 0 };
  const reader: Reader = { text, events, problems, origin, ...start };
  if (document.directives.some(({ kind }) => kind === "tag")) {
    tell(reader, origin(0), "a %TAG directive", "no tags");
    return undefined;
  }
  return read(reader, origin(0));
}

function eventsOf(text: string, origin: Reader["origin"], problems: Problem[]): Event[] {
  try {
    return parseEvents(text, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    problems.push(problem(origin(error.mark?.position ?? 0), [], explainFault(error), "valid YAML"));
    return [];
  }
}

function isEmpty(event: Event): boolean {
  return event.type === EVENT_POP || (event.type === EVENT_SCALAR && hasNoPlace(event));
}

function refuseFurther(events: readonly Event[], text: string, origin: Reader["origin"], problems: Problem[]): void {
  const further = events.findIndex(({ type }, i) => type === EVENT_DOCUMENT && i > 0);
  if (further === -1) return;
  const at = startOf(text, events[further + 1]) ?? text.length;
  problems.push(problem(origin(at), [], "several documents in one file", "valid YAML"));
}

function tell({ problems, path }: Reader, at: Origin, found: string, expected: string): void {
  problems.push(problem(at, [...path], found, expected));
}

function take(reader: Reader): Event {
  const event = reader.events[reader.next++];
  if (event === undefined) throw new Error("the YAML package's events end within a value");
  return event;
}

function read(reader: Reader, outside: Origin): Tree {
  const event = take(reader);
  const start = startOf(reader.text, event);
  const at = start === undefined ? outside : reader.origin(start);
  if (event.type === EVENT_ALIAS) return readAlias(reader, event, at);
  if (event.type === EVENT_DOCUMENT || event.type === EVENT_POP) throw new Error("the YAML package gave no value");
  const before = reader.values++;
  const tree = readNode(reader, event, at);
  if (event.anchorStart >= 0) {
    const name = reader.text.slice(event.anchorStart, event.anchorEnd);
    reader.anchors.set(name, { tree, values: reader.values - before });
  }
  return tree;
}

function readNode(reader: Reader, event: Node, at: Origin): Tree {
  const fault = tagFault(reader.text, event);
  if (fault !== undefined) tell(reader, at, fault, "no tag; bytes are written as a text, in base64");
  if (event.type === EVENT_MAPPING) return readMap(reader, at);
  if (event.type === EVENT_SEQUENCE) return readList(reader, at);
  const value = readScalar(reader.text, event);
  if (event.style === SCALAR_STYLE_LITERAL_BLOCK) {
    const begins = { ...reader.origin(event.valueStart), column: event.indent + 1 };
    return { is: "scalar", at, value, begins };
  }
  if (typeof value !== "number" || isExact(value)) return { is: "scalar", at, value };
  // not told: it may be a secret
  tell(reader, at, "a number that is not exact", "one below 2^53, or the digits in quotes");
  return { is: "scalar", at, value };
}

function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function readList(reader: Reader, at: Origin): Tree {
  const items: Tree[] = [];
  while (!ends(reader)) {
    reader.path.push(String(items.length));
    items.push(read(reader, at));
    reader.path.pop();
  }
  return { is: "list", at, items };
}

function readMap(reader: Reader, at: Origin): Tree {
  const entries = new Map<string, Entry>();
  while (!ends(reader)) {
    const key = take(reader);
    const keyAt = reader.origin(startOf(reader.text, key) ?? reader.text.length);
    if (key.type === EVENT_SCALAR) readEntry(reader, entries, key, keyAt);
    else skipEntry(reader, keyAt);
  }
  return { is: "map", at, entries };
}

function readEntry(reader: Reader, entries: Map<string, Entry>, key: Of<typeof EVENT_SCALAR>, at: Origin): void {
  const name = readKey(reader.text, key);
  const fault = tagFault(reader.text, key);
  if (fault !== undefined) tell(reader, at, fault, "no tag; a key is a text");
  reader.path.push(name);
  // YAML 1.2 has none; taken for a name it would reach Vault as one
  if (name === "<<" && key.style === SCALAR_STYLE_PLAIN) tell(reader, at, "the merge key <<", "the keys themselves");
  if (entries.has(name)) tell(reader, at, "a key that stands there twice", "each key once");
  entries.set(name, { at, value: read(reader, at) });
  reader.path.pop();
}

function skipEntry(reader: Reader, at: Origin): void {
  tell(reader, at, "a key that is no text", "a text");
  reader.next--;
  skip(reader);
  skip(reader);
}

function skip(reader: Reader): void {
  let depth = 0;
  do {
    const { type } = take(reader);
    if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) depth++;
    if (type === EVENT_POP) depth--;
  } while (depth > 0);
}

/** At its end, a list or map is left. */
function ends(reader: Reader): boolean {
  const atEnd = reader.events[reader.next]?.type === EVENT_POP;
  if (atEnd) reader.next++;
  return atEnd;
}

function readAlias(reader: Reader, { anchorStart, anchorEnd }: Of<typeof EVENT_ALIAS>, at: Origin): Tree {
  const target = reader.anchors.get(reader.text.slice(anchorStart, anchorEnd));
  if (target === undefined) {
    tell(reader, at, "an alias of nothing", "an anchor of that name, whose value ends before it");
    return { is: "scalar", at, value: null };
  }
  reader.values += target.values;
  reader.expanded += target.values;
  if (reader.expanded <= largestExpansion) return target.tree;
  // told once: every further alias would say the same
  if (Number.isFinite(reader.expanded)) {
    tell(reader, at, `aliases that stand for more than ${largestExpansion} values`, "fewer; write them out");
  }
  reader.expanded = Number.POSITIVE_INFINITY;
  return { is: "scalar", at, value: null };
}
