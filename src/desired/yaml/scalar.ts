import {
  boolCoreTag,
  EVENT_ALIAS,
  EVENT_MAPPING,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  SCALAR_STYLE_DOUBLE_QUOTED,
  SCALAR_STYLE_PLAIN,
  SCALAR_STYLE_SINGLE_QUOTED,
  type ScalarEvent,
} from "js-yaml";

/** What may have a tag: a value that is written out. */
export type Node = Extract<Event, { tagStart: number }>;
export type Scalar = string | number | boolean | null;

const core = "tag:yaml.org,2002:";
const resolvers = { null: nullCoreTag, bool: boolCoreTag, int: intCoreTag, float: floatCoreTag } as const;
/** Which of them may take a plain text, by its first character; "" stands for an empty one. */
const byFirst = new Map<string, (typeof resolvers)[keyof typeof resolvers][]>();
for (const resolver of Object.values(resolvers)) {
  for (const first of resolver.implicitFirstChars ?? []) byFirst.set(first, [...(byFirst.get(first) ?? []), resolver]);
}

/** Reads a scalar by YAML 1.2's core schema, or by its tag: https://yaml.org/spec/1.2.2/#103-core-schema */
export function readScalar(text: string, event: ScalarEvent): Scalar {
  const source = getScalarValue(text, event);
  const tag = tagOf(text, event);
  if (tag === undefined) return event.style === SCALAR_STYLE_PLAIN ? resolvePlain(source) : source;
  const resolver = resolvers[tag.slice(core.length) as keyof typeof resolvers];
  const value = resolver?.resolve(source, true, tag);
  return value === undefined || value === NOT_RESOLVED ? source : unsigned(value as Scalar);
}

function resolvePlain(source: string): Scalar {
  for (const resolver of byFirst.get(source.charAt(0)) ?? []) {
    const value = resolver.resolve(source, false, resolver.tagName);
    if (value !== NOT_RESOLVED) return unsigned(value as Scalar);
  }
  return source;
}

/** JSON has no -0: Vault would give 0 back, and it would differ for ever. */
function unsigned(value: Scalar): Scalar {
  return value === 0 ? 0 : value;
}

/** The text of a key: also 1, true and null are names here. */
export function readKey(text: string, event: ScalarEvent): string {
  return getScalarValue(text, event);
}

/**
 * Tags of YAML's own core schema are taken where they fit; any other would make a value that no JSON can hold, such as bytes or a date.
 * @returns what is wrong with the tag of a value; undefined where nothing is, or where it has none
 */
export function tagFault(text: string, event: Node): string | undefined {
  const tag = tagOf(text, event);
  if (tag === undefined || tag === "!") return undefined;
  if (fits(tag, event.type))
    return isRead(text, event, tag) ? undefined : `a text that is no ${tag.replace(core, "!!")}`;
  // any other is not told: a password may begin with an exclamation mark
  return tag.startsWith(core) ? `the tag ${tag.replace(core, "!!")}` : "a tag";
}

function isRead(text: string, event: Node, tag: string): boolean {
  const resolver = resolvers[tag.slice(core.length) as keyof typeof resolvers];
  if (event.type !== EVENT_SCALAR || resolver === undefined) return true;
  return resolver.resolve(getScalarValue(text, event), true, tag) !== NOT_RESOLVED;
}

const names: Readonly<Record<number, readonly string[]>> = {
  [EVENT_SCALAR]: ["str", "int", "float", "bool", "null"],
  [EVENT_MAPPING]: ["map"],
  [EVENT_SEQUENCE]: ["seq"],
};

function fits(tag: string, type: number): boolean {
  return tag.startsWith(core) && names[type]?.includes(tag.slice(core.length)) === true;
}

function tagOf(text: string, { tagStart, tagEnd }: { tagStart: number; tagEnd: number }): string | undefined {
  if (tagStart < 0) return undefined;
  return text
    .slice(tagStart, tagEnd)
    .replace(/^!!/, core)
    .replace(/^!<(.*)>$/, "$1");
}

/** @returns whether it is the nothing that stands where a value could, as after `key:` */
export function hasNoPlace({ valueStart, tagStart, anchorStart }: ScalarEvent): boolean {
  return valueStart < 0 && tagStart < 0 && anchorStart < 0;
}

/** @returns the offset of what an event speaks of; undefined where it speaks of nothing that is written */
export function startOf(text: string, event: Event | undefined): number | undefined {
  if (event?.type === EVENT_SCALAR) return startOfScalar(text, event);
  if (event?.type === EVENT_MAPPING || event?.type === EVENT_SEQUENCE) return event.start;
  return event?.type === EVENT_ALIAS ? event.anchorStart - 1 : undefined;
}

/** A quoted text's event begins after the quote, that of a block below its header. */
function startOfScalar(text: string, { valueStart, tagStart, style }: ScalarEvent): number | undefined {
  if (valueStart < 0) return tagStart < 0 ? undefined : tagStart;
  if (style === SCALAR_STYLE_PLAIN) return valueStart;
  if (style === SCALAR_STYLE_SINGLE_QUOTED || style === SCALAR_STYLE_DOUBLE_QUOTED) return valueStart - 1;
  const line = text.lastIndexOf("\n", valueStart - 2) + 1;
  const header = /[|>][-+0-9]*[ \t]*(#.*)?$/.exec(text.slice(line, valueStart).trimEnd());
  return line + (header?.index ?? 0);
}
