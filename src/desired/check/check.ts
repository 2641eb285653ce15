import type { Origin } from "../../kinds/model/kind.ts";
import {
  type Field,
  isField,
  type NamedSpec,
  type ObjectSpec,
  type Spec,
  type TaggedSpec,
  type VariantSpec,
} from "../../kinds/model/spec.ts";
import { memoize } from "../../util/memoize.ts";
import { typeOf } from "../merge.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Entry, Tree } from "../yaml/tree.ts";
import { checkField } from "./field.ts";

/** A place in the tree at which a value is checked. */
export type Position = { readonly path: Path; readonly at: Origin };

export type Checker = {
  readonly problems: Problem[];
  /** Where each object of the result was declared. */
  readonly origins: WeakMap<object, Origin>;
  /** Where texts of several lines begin, by the object that they stand in and their keys. */
  readonly texts: WeakMap<object, Map<string, Origin>>;
};

/**
 * Checks a tree against its description.
 * @returns the plain value; of what was wrong, and is told in `problems`, only what could be read
 */
export function check(checker: Checker, spec: Spec, tree: Tree, { path, at }: Position): unknown {
  if (isField(spec)) return checkField(checker, spec, tree, path);
  if (tree.is !== "map") {
    const what = spec.type === "named" ? `a map: each ${spec.noun} by its name` : "a map";
    checker.problems.push(problem(tree.at, path, shapeOf(tree), what));
    return {};
  }
  const value = checkMap(checker, spec, tree, { path, at });
  checker.origins.set(value, at);
  return value;
}

type MapTree = Extract<Tree, { is: "map" }>;

function checkMap(checker: Checker, spec: Exclude<Spec, Field>, tree: MapTree, place: Position): object {
  switch (spec.type) {
    case "object":
      return checkObject(checker, spec, tree, place);
    case "named":
      return checkNamed(checker, spec, tree, place.path);
    case "variant":
      return checkVariant(checker, spec, tree, place);
    default:
      return {};
  }
}

function checkObject(checker: Checker, spec: ObjectSpec, tree: MapTree, { path, at }: Position): object {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of tree.entries) {
    const name = own(spec.aliases ?? {}, key) ?? key;
    const inner = own(spec.fields, name);
    if (inner === undefined) unknownKey(checker, spec, entry, [...path, key], key);
    else if (Object.hasOwn(result, name)) twice(checker, entry, [...path, key], name);
    else {
      result[name] = check(checker, inner, entry.value, { path: [...path, key], at: entry.at });
      noteText(checker, result, name, entry.value);
    }
  }
  checkRequired(checker, spec, result, { path, at });
  return result;
}

function noteText({ texts }: Checker, result: object, name: string, tree: Tree): void {
  if (tree.is !== "scalar" || tree.begins === undefined) return;
  texts.set(result, (texts.get(result) ?? new Map<string, Origin>()).set(name, tree.begins));
}

function unknownKey(checker: Checker, spec: ObjectSpec, entry: Entry, path: Path, key: string): void {
  const within = keysWithin(spec);
  const known = [...Object.keys(spec.fields), ...Object.keys(spec.aliases ?? {}), ...within];
  const expected = `one of ${Object.keys(spec.fields).join(", ")}`;
  const meant = within.find((each) => each.endsWith(`.${key}`)) ?? key;
  checker.problems.push(problem(entry.at, path, `the unknown key ${key}`, expected, [meant, known]));
}

/** Keys of the maps in it, as `options.version`: they are often written a step too high. */
function keysWithin({ fields }: ObjectSpec): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    isField(field) ? (field.type.keys ?? []).map((key) => `${name}.${key}`) : [],
  );
}

function twice(checker: Checker, entry: Entry, path: Path, name: string): void {
  checker.problems.push(problem(entry.at, path, `an older name of ${name}, beside it`, `only ${name}`));
}

function checkRequired(checker: Checker, spec: ObjectSpec, result: object, { path, at }: Position): void {
  for (const [name, { describe }] of requiredIn(spec)) {
    if (!Object.hasOwn(result, name)) checker.problems.push(problem(at, path, `no ${name}`, `${name}: ${describe}`));
  }
  for (const group of spec.someOf ?? []) {
    if (group.some((name) => Object.hasOwn(result, name))) continue;
    checker.problems.push(problem(at, path, "none of them", `at least one of ${group.join(", ")}`));
  }
  if (spec.oneOf === undefined) return;
  const given = spec.oneOf.filter((name) => Object.hasOwn(result, name));
  if (given.length === 1) return;
  const found = given.length === 0 ? "none of them" : given.join(" and ");
  checker.problems.push(problem(at, path, found, `exactly one of ${spec.oneOf.join(", ")}`));
}

/** By description: thousands of objects share one. */
const requiredIn = memoize(({ fields }: ObjectSpec): readonly (readonly [string, Field])[] =>
  Object.entries(fields).flatMap(([name, inner]) => (isField(inner) && inner.required ? [[name, inner] as const] : [])),
);

function checkNamed(checker: Checker, spec: NamedSpec, tree: MapTree, path: Path): object {
  const checked = [...tree.entries].map(([name, entry]) => {
    const inside = { path: [...path, name], at: entry.at };
    checkName(checker, spec, name, inside);
    return [name, checkTagged(checker, spec.of, entry, inside)] as const;
  });
  // also a name such as __proto__ becomes an ordinary key by this
  return Object.fromEntries(checked);
}

function checkTagged(checker: Checker, spec: Spec, entry: Entry, place: Position): unknown {
  if (spec.type !== "tagged") return check(checker, spec, entry.value, place);
  if (isHalfTagged(spec, entry.value)) {
    const expected = `${spec.key} alone, with what belongs to it inside of it`;
    checker.problems.push(problem(entry.value.at, place.path, `${spec.key} beside other keys`, expected));
  }
  return check(checker, isTagged(spec, entry.value) ? spec.tagged : spec.other, entry.value, place);
}

function isTagged(spec: TaggedSpec, tree: Tree): boolean {
  return tree.is === "map" && tree.entries.size === 1 && tree.entries.has(spec.key);
}

/** A word a step too high would make of the whole a literal: `{generate: {length: 32}, charset: ...}` a password. */
function isHalfTagged(spec: TaggedSpec, tree: Tree): boolean {
  return tree.is === "map" && tree.entries.size > 1 && tree.entries.get(spec.key)?.value.is === "map";
}

/** Names become parts of a path; one that would lead elsewhere is refused, any other reaches Vault as it is. */
function checkName(checker: Checker, spec: NamedSpec, name: string, { path, at }: Position): void {
  const why = own(spec.reserved ?? {}, name) ?? spec.refuse?.(name);
  if (why !== undefined) {
    checker.problems.push(problem(at, path, `the reserved name ${name} (${why})`, `another name for the ${spec.noun}`));
  }
  if (spec.noun === "key") return;
  const bad = badName(name, spec.noun);
  if (bad !== undefined) checker.problems.push(problem(at, path, bad, `a name for the ${spec.noun}`));
}

function badName(name: string, what: string): string | undefined {
  if (name === "") return "an empty name";
  if (/\p{Cc}/u.test(name)) return "a control character in a name";
  if (name.split("/").some((part) => part === "." || part === "..")) return `${name}, which leads to another path`;
  if (name.startsWith("/") || name.endsWith("/") || name.includes("//")) return `${name}, with a slash too many`;
  if (what === "policy" && name !== name.trim()) return `${name} with blanks around it, which Vault does not keep`;
  if (what === "policy" && name !== name.toLowerCase()) return `${name} in upper case, which Vault does not keep`;
  return undefined;
}

function checkVariant(checker: Checker, spec: VariantSpec, tree: MapTree, place: Position): object {
  const type = typeOf(tree);
  const inner = own(spec.of, type ?? "");
  if (inner !== undefined) return checkObject(checker, inner, tree, place);
  const known = Object.keys(spec.of);
  const given = tree.entries.get("type");
  const found = given === undefined ? "no type" : foundOf(given.value);
  const near: [string, string[]] | undefined = type === undefined ? undefined : [type, known];
  const at = given?.value.at ?? place.at;
  checker.problems.push(problem(at, [...place.path, "type"], found, `one of ${known.join(", ")}`, near));
  return {};
}

/** A field by its name; a name such as `constructor` means nothing unless it is declared. */
function own<T>(fields: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** What stands there, without its value: it may be a secret that stands a line too high. */
function shapeOf(tree: Tree): string {
  if (tree.is !== "scalar") return foundOf(tree);
  return tree.value === null ? "nothing" : `a ${typeof tree.value === "string" ? "text" : typeof tree.value}`;
}

function foundOf(tree: Tree): string {
  if (tree.is === "map") return "a map";
  if (tree.is === "list") return "a list";
  if (tree.value === null) return "nothing";
  return typeof tree.value === "string" ? `the text ${JSON.stringify(shorten(tree.value))}` : String(tree.value);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
