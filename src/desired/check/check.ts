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
import { typeOf } from "../merge.ts";
import { type Path, problem } from "../problem.ts";
import type { Entry, Tree } from "../yaml/tree.ts";
import type { Checker, Position } from "./checker.ts";
import { checkField } from "./field.ts";
import { checkName } from "./names.ts";
import { checkRequired } from "./required.ts";
import { showType, showValue } from "./show-value.ts";

/**
 * Checks a tree against its description, and adds mistakes to the checker's problems.
 * @returns the plain value; where something is wrong, only the readable rest of it
 */
export function check(checker: Checker, spec: Spec, tree: Tree, { path, at }: Position): unknown {
  if (isField(spec)) return checkField(checker, spec, tree, path);
  if (tree.is !== "map") {
    const expected = spec.type === "named" ? `a map: each ${spec.noun} by its name` : "a map";
    // without its value, which may be a secret at the wrong level
    checker.problems.push(problem(tree.at, path, showType(tree), expected));
    return {};
  }
  const value = checkMap(checker, spec, tree, { path, at });
  checker.origins.set(value, at);
  return value;
}

type MapTree = Extract<Tree, { is: "map" }>;

function checkMap(checker: Checker, spec: Exclude<Spec, Field>, tree: MapTree, position: Position): object {
  switch (spec.type) {
    case "object":
      return checkObject(checker, spec, tree, position);
    case "named":
      return checkNamed(checker, spec, tree, position.path);
    case "variant":
      return checkVariant(checker, spec, tree, position);
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
    else if (Object.hasOwn(result, name)) aliasBesideName(checker, entry, [...path, key], name);
    else {
      result[name] = check(checker, inner, entry.value, { path: [...path, key], at: entry.at });
      recordString(checker, result, name, entry.value);
    }
  }
  checkRequired(checker, spec, result, { path, at });
  return result;
}

function recordString({ stringStarts: texts }: Checker, result: object, name: string, tree: Tree): void {
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

/** @returns keys one level down, such as `options.version` and `tune.listing_visibility`, which are often written too high */
function keysWithin({ fields }: ObjectSpec): string[] {
  return Object.entries(fields).flatMap(([name, inner]) => {
    const keys = isField(inner) ? (inner.type.keys ?? []) : inner.type === "object" ? Object.keys(inner.fields) : [];
    return keys.map((key) => `${name}.${key}`);
  });
}

function aliasBesideName(checker: Checker, entry: Entry, path: Path, name: string): void {
  checker.problems.push(problem(entry.at, path, `both ${name} and its older name`, `only ${name}`));
}

function checkNamed(checker: Checker, spec: NamedSpec, tree: MapTree, path: Path): object {
  const checked = [...tree.entries].map(([name, entry]) => {
    const inside = { path: [...path, name], at: entry.at };
    checkName(checker, spec, name, inside);
    return [name, checkNamedValue(checker, spec.of, entry, inside)] as const;
  });
  // makes an ordinary key also of a name such as __proto__
  return Object.fromEntries(checked);
}

function checkNamedValue(checker: Checker, spec: Spec, entry: Entry, position: Position): unknown {
  if (spec.type !== "tagged") return check(checker, spec, entry.value, position);
  if (isHalfTagged(spec, entry.value)) {
    const expected = `${spec.key} alone, with its options inside`;
    checker.problems.push(problem(entry.value.at, position.path, `${spec.key} together with other keys`, expected));
  }
  return check(checker, isTagged(spec, entry.value) ? spec.tagged : spec.other, entry.value, position);
}

function isTagged(spec: TaggedSpec, tree: Tree): boolean {
  return tree.is === "map" && tree.entries.size === 1 && tree.entries.has(spec.key);
}

/** An option one level too high would turn the whole into a literal value: `{generate: {length: 32}, charset: ...}`. */
function isHalfTagged(spec: TaggedSpec, tree: Tree): boolean {
  return tree.is === "map" && tree.entries.size > 1 && tree.entries.get(spec.key)?.value.is === "map";
}

function checkVariant(checker: Checker, spec: VariantSpec, tree: MapTree, position: Position): object {
  const type = typeOf(tree);
  const inner = own(spec.of, type ?? "");
  if (inner !== undefined) return checkObject(checker, inner, tree, position);
  const known = Object.keys(spec.of);
  const given = tree.entries.get("type");
  const found = given === undefined ? "no type" : showValue(given.value);
  const near: [string, string[]] | undefined = type === undefined ? undefined : [type, known];
  const at = given?.value.at ?? position.at;
  const mistake = problem(at, [...position.path, "type"], found, `one of ${known.join(", ")}`, near);
  const hint = own(spec.hints ?? {}, type ?? "");
  checker.problems.push(hint === undefined ? mistake : { ...mistake, nearest: hint });
  return {};
}

/** @returns a field by name; undefined for inherited properties such as `constructor` */
function own<T>(fields: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
