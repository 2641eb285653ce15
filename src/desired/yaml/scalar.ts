import {
  boolCoreTag,
  EVENT_MAPPING,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  SCALAR_STYLE_PLAIN,
  type ScalarEvent,
} from "js-yaml";

/** The event of a value, which may have a tag; an alias has none. */
export type NodeEvent = Extract<Event, { tagStart: number }>;
export type Scalar = string | number | boolean | null;

const core = "tag:yaml.org,2002:";
const resolvers = { null: nullCoreTag, bool: boolCoreTag, int: intCoreTag, float: floatCoreTag } as const;
/** The resolvers to try for a plain scalar, by its first character; "" is the key for an empty one. */
const resolversByFirst = new Map<string, (typeof resolvers)[keyof typeof resolvers][]>();
for (const resolver of Object.values(resolvers)) {
  for (const first of resolver.implicitFirstChars ?? []) {
    resolversByFirst.set(first, [...(resolversByFirst.get(first) ?? []), resolver]);
  }
}

/**
 * Reads a scalar by its tag, or else by the core schema of YAML 1.2.
 * @see https://yaml.org/spec/1.2.2/#103-core-schema
 */
export function readScalar(text: string, event: ScalarEvent): Scalar {
  const source = getScalarValue(text, event);
  const tag = tagOf(text, event);
  if (tag === undefined) return event.style === SCALAR_STYLE_PLAIN ? resolvePlain(source) : source;
  const resolver = resolvers[tag.slice(core.length) as keyof typeof resolvers];
  const value = resolver?.resolve(source, true, tag);
  return value === undefined || value === NOT_RESOLVED ? source : withoutNegativeZero(value as Scalar);
}

function resolvePlain(source: string): Scalar {
  for (const resolver of resolversByFirst.get(source.charAt(0)) ?? []) {
    const value = resolver.resolve(source, false, resolver.tagName);
    if (value !== NOT_RESOLVED) return withoutNegativeZero(value as Scalar);
  }
  return source;
}

/** JSON cannot hold -0, because Vault would return 0, and each run would find a difference. */
function withoutNegativeZero(value: Scalar): Scalar {
  return value === 0 ? 0 : value;
}

/** @returns a key as a string: 1, true and null are names there */
export function readKey(text: string, event: ScalarEvent): string {
  return getScalarValue(text, event);
}

/**
 * Checks the tag of a value. Tags of YAML's core schema are accepted on values of their type. Any other tag would make a
 * value that JSON cannot hold, such as bytes or a date.
 *
 * @returns the mistake, without the value, which may be a secret; undefined if the tag is valid or absent
 */
export function tagError(text: string, event: NodeEvent): string | undefined {
  const tag = tagOf(text, event);
  if (tag === undefined || tag === "!") return undefined;
  if (fitsType(tag, event.type))
    return resolves(text, event, tag) ? undefined : `a value that is not a valid ${tag.replace(core, "!!")}`;
  // other tags are not quoted, because a password may begin with an exclamation mark
  return tag.startsWith(core) ? `the tag ${tag.replace(core, "!!")}` : "a tag";
}

function resolves(text: string, event: NodeEvent, tag: string): boolean {
  const resolver = resolvers[tag.slice(core.length) as keyof typeof resolvers];
  if (event.type !== EVENT_SCALAR || resolver === undefined) return true;
  return resolver.resolve(getScalarValue(text, event), true, tag) !== NOT_RESOLVED;
}

const coreTags: Readonly<Record<number, readonly string[]>> = {
  [EVENT_SCALAR]: ["str", "int", "float", "bool", "null"],
  [EVENT_MAPPING]: ["map"],
  [EVENT_SEQUENCE]: ["seq"],
};

function fitsType(tag: string, type: number): boolean {
  return tag.startsWith(core) && coreTags[type]?.includes(tag.slice(core.length)) === true;
}

function tagOf(text: string, { tagStart, tagEnd }: { tagStart: number; tagEnd: number }): string | undefined {
  if (tagStart < 0) return undefined;
  return text
    .slice(tagStart, tagEnd)
    .replace(/^!!/, core)
    .replace(/^!<(.*)>$/, "$1");
}
