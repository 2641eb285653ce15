import type { Field } from "../../kinds/model/fields/field.ts";
import { whyLiteral } from "../../kinds/model/from-secret.ts";
import { SecretReference } from "../../kinds/model/secret-reference.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import { isMap, type MapTree, type Tree } from "../yaml/tree.ts";
import { showType } from "./show-value.ts";

/** The key that makes a map a reference. */
const marker = "secretKeyRef";
/** RFC 1123 subdomain, as Kubernetes requires it of a Secret's name; and its rule for the keys of a Secret. */
const forms = {
  name: { pattern: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, expected: "the name of a Secret in Vault's namespace" },
  key: { pattern: /^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/, expected: "a key of that Secret" },
} as const;

/** A value with placeholders for its references, and the way to put them in. */
type Separated = {
  /** Plain values; a string that nobody can declare stands for each reference. */
  readonly value: unknown;
  /** Whether the whole value is a reference. */
  readonly isWhole: boolean;
  readonly count: number;
  /** @returns the value with its references in place of the placeholders */
  restore(value: unknown): unknown;
};

/**
 * Takes the references to Secrets out of a value, so that the rest can be checked as if it were literal. Reports references of a wrong
 * form, and those in fields where a value cannot come from a Secret.
 */
export function separateReferences(problems: Problem[], field: Field, tree: Tree, path: Path): Separated {
  const references: (SecretReference | undefined)[] = [];
  function plain(part: Tree, at: Path): unknown {
    if (part.is === "scalar") return part.value;
    if (part.is === "list") return part.items.map((item, i) => plain(item, [...at, String(i)]));
    // a JSON value of KV may hold a manifest that refers to a Secret itself
    if (part.entries.has(marker) && (at.length === path.length || !field.ordinary)) {
      const fault = problemAt(field, part, path, at);
      if (fault !== undefined) problems.push(fault);
      return placeholder(references.push(fault === undefined ? parse(part, at, problems) : undefined) - 1);
    }
    return Object.fromEntries([...part.entries].map(([key, { value }]) => [key, plain(value, [...at, key])]));
  }
  const value = plain(tree, path);
  return {
    value,
    isWhole: tree.is === "map" && typeof value === "string",
    count: references.length,
    restore: (checked) => restore(checked, references),
  };
}

/** Nobody declares such a string. */
function placeholder(index: number): string {
  return `\0${index}\0`;
}

function restore(value: unknown, references: readonly (SecretReference | undefined)[]): unknown {
  if (typeof value === "string") {
    const index = /^\0(\d+)\0$/.exec(value)?.[1];
    return index === undefined ? value : references[Number(index)];
  }
  if (references.length === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => restore(each, references));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, restore(each, references)]));
}

/**
 * @param path leads to the field
 * @param at leads to the reference
 */
function problemAt(field: Field, tree: MapTree, path: Path, at: Path): Problem | undefined {
  const found = "a reference to a Secret";
  const reason = whyLiteral(field, { object: path.at(-2), keys: at.slice(path.length) });
  if (reason !== undefined) return problem(tree.at, at, found, `a literal value, because ${reason}`);
  if (tree.entries.size > 1) {
    return problem(tree.at, at, `${marker} together with other keys`, `${marker} alone, or a literal value alone`);
  }
  return undefined;
}

function parse(tree: MapTree, path: Path, problems: Problem[]): SecretReference | undefined {
  const inner = tree.entries.get(marker)?.value;
  const at = [...path, marker];
  if (inner === undefined || !isMap(inner)) {
    problems.push(problem(inner?.at ?? tree.at, at, showType(inner ?? tree), "a map with name and key"));
    return undefined;
  }
  const before = problems.length;
  for (const [key, entry] of inner.entries) {
    if (Object.hasOwn(forms, key)) continue;
    const expected = "name and key alone; the Secret is in Vault's namespace";
    problems.push(problem(entry.at, [...at, key], `the unknown key ${key}`, expected, [key, Object.keys(forms)]));
  }
  const name = textAt(problems, inner, "name", at);
  const key = textAt(problems, inner, "key", at);
  return problems.length > before ? undefined : new SecretReference(name, key);
}

function textAt(problems: Problem[], tree: MapTree, part: keyof typeof forms, path: Path): string {
  const { pattern, expected } = forms[part];
  const value = tree.entries.get(part)?.value;
  if (value?.is === "scalar" && typeof value.value === "string" && pattern.test(value.value)) return value.value;
  // the value may be a secret in the wrong place
  const found = value === undefined ? `no ${part}` : `an invalid ${part}`;
  problems.push(problem(value?.at ?? tree.at, value === undefined ? path : [...path, part], found, expected));
  return "";
}
