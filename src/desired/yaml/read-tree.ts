import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  SCALAR_STYLE_LITERAL_BLOCK,
  SCALAR_STYLE_PLAIN,
} from "js-yaml";
import type { Origin } from "../../kinds/model/kind.ts";
import { type Problem, problem } from "../problem.ts";
import { startOf } from "./event-position.ts";
import { type NodeEvent, readKey, readScalar, tagError } from "./scalar.ts";
import type { Entry, Tree } from "./tree.ts";

/** The most values that the aliases of one file may expand to: more is a mistake, or an attack. */
const largestExpansion = 10_000;

type Source = {
  readonly text: string;
  /** The document's event, then those of its values. */
  readonly events: readonly Event[];
  readonly originOf: (offset: number) => Origin;
  readonly problems: Problem[];
};

type Reader = Source & {
  /** The path of the value that is being read; copied into problems. */
  readonly path: string[];
  /** Values by anchor, with the number of values in each. Set when a value is complete, so an alias cannot be in its own value. */
  readonly anchors: Map<string, { readonly tree: Tree; readonly values: number }>;
  /** The index of the next event. */
  next: number;
  /** How many values were read, those behind an alias once for each alias. */
  values: number;
  /** How many of them are behind an alias. */
  expanded: number;
};

type EventOf<T extends Event["type"]> = Extract<Event, { type: T }>;

/** Makes the tree of a document that has a value. Adds mistakes to `problems`. */
export function readTree(source: Source): Tree {
  const reader: Reader = { ...source, path: [], anchors: new Map(), next: 1, values: 0, expanded: 0 };
  return readValue(reader, source.originOf(0));
}

/** @param outer the position of the containing value, for a value that was omitted */
function readValue(reader: Reader, outer: Origin): Tree {
  const event = take(reader);
  const start = startOf(reader.text, event);
  const at = start === undefined ? outer : reader.originOf(start);
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

function take(reader: Reader): Event {
  const event = reader.events[reader.next++];
  if (event === undefined) throw new Error("the events of the YAML package end within a value");
  return event;
}

function readNode(reader: Reader, event: NodeEvent, at: Origin): Tree {
  const mistake = tagError(reader.text, event);
  if (mistake !== undefined) report(reader, at, mistake, "no tag; write bytes as a string in base64");
  if (event.type === EVENT_MAPPING) return readMap(reader, at);
  if (event.type === EVENT_SEQUENCE) return readList(reader, at);
  const value = readScalar(reader.text, event);
  if (event.style === SCALAR_STYLE_LITERAL_BLOCK) {
    const begins = { ...reader.originOf(event.valueStart), column: event.indent + 1 };
    return { is: "scalar", at, value, begins };
  }
  // without the number itself, which may be a secret
  if (typeof value === "number" && !isExact(value)) {
    report(reader, at, "a number that cannot be stored exactly", "an integer below 2^53, or the digits in quotes");
  }
  return { is: "scalar", at, value };
}

function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function readList(reader: Reader, at: Origin): Tree {
  const items: Tree[] = [];
  while (!takeEnd(reader)) {
    reader.path.push(String(items.length));
    items.push(readValue(reader, at));
    reader.path.pop();
  }
  return { is: "list", at, items };
}

function readMap(reader: Reader, at: Origin): Tree {
  const entries = new Map<string, Entry>();
  const merged: Tree[] = [];
  while (!takeEnd(reader)) {
    const key = take(reader);
    const keyAt = reader.originOf(startOf(reader.text, key) ?? reader.text.length);
    if (key.type !== EVENT_SCALAR) skipEntry(reader, keyAt);
    else if (isMergeKey(reader.text, key)) merged.push(readMerged(reader, keyAt));
    else readEntry(reader, entries, key, keyAt);
  }
  for (const tree of merged) addMerged(entries, tree);
  return { is: "map", at, entries };
}

function readEntry(reader: Reader, entries: Map<string, Entry>, key: EventOf<typeof EVENT_SCALAR>, at: Origin): void {
  const name = readKey(reader.text, key);
  const mistake = tagError(reader.text, key);
  if (mistake !== undefined) report(reader, at, mistake, "no tag; every key is a string");
  reader.path.push(name);
  if (entries.has(name)) report(reader, at, "a duplicate key", "each key once");
  entries.set(name, { at, value: readValue(reader, at) });
  reader.path.pop();
}

function isMergeKey(text: string, key: EventOf<typeof EVENT_SCALAR>): boolean {
  return key.style === SCALAR_STYLE_PLAIN && readKey(text, key) === "<<";
}

/** YAML 1.2 has no merge key: read as a name, it would be written to Vault. */
function readMerged(reader: Reader, at: Origin): Tree {
  reader.path.push("<<");
  report(reader, at, "the merge key <<", "the keys themselves");
  const tree = readValue(reader, at);
  reader.path.pop();
  return tree;
}

/** The merged keys are checked all the same, so that a key which seems to be missing is no mistake of its own. */
function addMerged(entries: Map<string, Entry>, tree: Tree): void {
  if (tree.is === "list") for (const item of tree.items) addMerged(entries, item);
  if (tree.is !== "map") return;
  for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
}

function skipEntry(reader: Reader, at: Origin): void {
  report(reader, at, "a key that is not a string", "a string");
  reader.next--;
  skipValue(reader);
  skipValue(reader);
}

function skipValue(reader: Reader): void {
  let depth = 0;
  do {
    const { type } = take(reader);
    if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) depth++;
    if (type === EVENT_POP) depth--;
  } while (depth > 0);
}

/** @returns whether the list or map has ended; if so, its end has been taken */
function takeEnd(reader: Reader): boolean {
  const atEnd = reader.events[reader.next]?.type === EVENT_POP;
  if (atEnd) reader.next++;
  return atEnd;
}

/** @returns the value of the anchor; null, after adding a problem, for an invalid alias or too large an expansion */
function readAlias(reader: Reader, { anchorStart, anchorEnd }: EventOf<typeof EVENT_ALIAS>, at: Origin): Tree {
  const target = reader.anchors.get(reader.text.slice(anchorStart, anchorEnd));
  if (target === undefined) {
    report(reader, at, "an alias without an anchor", "an anchor of this name, on a value that ends before the alias");
    return { is: "scalar", at, value: null };
  }
  reader.values += target.values;
  reader.expanded += target.values;
  if (reader.expanded <= largestExpansion) return target.tree;
  // reported once, because every further alias would add the same problem
  if (Number.isFinite(reader.expanded)) {
    report(reader, at, `aliases that expand to more than ${largestExpansion} values`, "fewer; write the values out");
  }
  reader.expanded = Number.POSITIVE_INFINITY;
  return { is: "scalar", at, value: null };
}

function report({ problems, path }: Reader, at: Origin, found: string, expected: string): void {
  problems.push(problem(at, [...path], found, expected));
}
