import { type Mistake, unknownKey } from "../mistake.ts";
import type { Entry } from "../syntax/tree.ts";
import {
  type Decoder,
  entriesOf,
  itemsOf,
  type Located,
  type Node,
  offsetOf,
  refuse,
  under,
  unreadable,
} from "./node.ts";

/** What the decoder reads, with the offset of the value. */
export function located<T>(decoder: Decoder<T>): Decoder<Located<T>> {
  return (node, old, mistakes) => {
    const value = decoder(node, old?.value, mistakes);
    return value === undefined ? undefined : { value, offset: node.offset };
  };
}

/** What the decoder reads, unless there is a mistake in it: a check of the rest would report what could not be read. */
export function intact<T>(decoder: Decoder<T>): Decoder<T> {
  return (node, old, mistakes) => {
    const before = mistakes.length;
    const value = decoder(node, old, mistakes);
    return mistakes.slice(before).every(({ isWarning }) => isWarning) ? value : undefined;
  };
}

/** A list; each block counts as one item. An empty block is an empty list. */
export function listOf<T>(item: Decoder<T>, expected: string): Decoder<readonly T[]> {
  return (node, old = [], mistakes) => {
    const items = itemsOf(node);
    if (items === undefined) return refuse(node, expected, mistakes, old);
    return [...old, ...items.flatMap((each) => item(each, undefined, mistakes) ?? [])];
  };
}

/** A block whose keys are names. */
export function mapOf<T>(value: Decoder<T>, expected: string): Decoder<ReadonlyMap<string, T>> {
  return (node, old, mistakes) => {
    const entries = node.is === "entry" ? [node.entry] : entriesOf(node);
    if (entries === undefined) return refuse(node, expected, mistakes, old);
    const map = new Map(old);
    for (const [key, each] of valuesOf(entries, mistakes)) {
      const decoded = value(each, map.get(key), mistakes);
      if (decoded !== undefined) map.set(key, decoded);
    }
    return map;
  };
}

/** The values by key; once an entry has several keys, all entries under the first of them are one value. */
function valuesOf(entries: readonly Entry[], mistakes: Mistake[]): [string, Node][] {
  const done = new Set<string>();
  const values: [string, Node][] = [];
  for (const { keys, value } of entries) {
    const [key, label] = keys;
    if (key === undefined) refuse(value, "a label before it, as the other blocks have", mistakes, undefined);
    else if (key.value === undefined) mistakes.push(unreadable(key));
    else if (label === undefined && !done.has(key.value)) values.push([key.value, value]);
    else if (!done.has(key.value)) {
      done.add(key.value);
      values.push([key.value, { is: "entries", offset: key.offset, entries: under(entries, key.value) }]);
    }
  }
  return values;
}

type Unknown = {
  /** Further keys that are known, whatever their value. */
  readonly known?: readonly string[];
  /** Whether Vault refuses unknown keys and keys in another case; else it ignores the former. */
  readonly isStrict: boolean;
};

/** A block with fields. */
export function structOf<T extends object>(
  fields: { readonly [K in keyof T]: Decoder<T[K]> },
  unknown: Unknown,
): Decoder<Partial<T>> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (node, old, mistakes) => {
    const entries = entriesOf(node);
    if (entries === undefined) return refuse(node, "a block", mistakes, old);
    mistakes.push(...unreadableKeys(entries), ...unknownKeys(entries, names, unknown));
    const struct: Partial<T> = { ...old };
    const present = new Set(entries.map(({ keys: [key] }) => key?.value?.toLowerCase()));
    for (const name of names.filter((each) => present.has(each))) {
      for (const each of nodesOf(under(entries, name))) {
        const decoded = fields[name](each, struct[name], mistakes);
        if (decoded !== undefined) struct[name] = decoded;
      }
    }
    return struct;
  };
}

/** Vault reads all entries with labels as one value, then each of the others. */
function nodesOf(entries: readonly Entry[]): Node[] {
  const labelled = entries.filter(({ keys }) => keys.length > 0);
  const [first] = labelled;
  const values = entries.filter(({ keys }) => keys.length === 0).map(({ value }) => value);
  return [
    ...(first === undefined ? [] : [{ is: "entries", offset: offsetOf(first), entries: labelled } as const]),
    ...values.map((value) => (value.is === "block" ? ({ ...value, is: "entries" } as const) : value)),
  ];
}

/** Vault reads the first key of each entry; in JSON also the other keys of the first entry. */
function unreadableKeys(entries: readonly Entry[]): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [i, { keys }] of entries.entries()) {
    for (const [k, key] of keys.entries()) {
      if (key.value === undefined && (k === 0 || (i === 0 && key.isJson))) mistakes.push(unreadable(key));
    }
  }
  return mistakes;
}

function unknownKeys(
  entries: readonly Entry[],
  names: readonly string[],
  { known = [], isStrict }: Unknown,
): Mistake[] {
  const all = [...names, ...known];
  return entries.flatMap(({ keys: [key] }) => {
    if (key?.value === undefined || all.includes(isStrict ? key.value : key.value.toLowerCase())) return [];
    const mistake = unknownKey(key.value, key.offset, all);
    return isStrict ? [mistake] : [{ ...mistake, isWarning: true }];
  });
}
