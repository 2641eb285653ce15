import { reserved } from "../../kinds/index.ts";
import type { Field } from "../../kinds/model/spec.ts";
import { secretsIn, wordsIn } from "../../redact.ts";
import { parseDuration } from "../../util/duration.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Scalar } from "../yaml/scalar.ts";
import type { Entry, Tree } from "../yaml/tree.ts";

type Sink = { readonly problems: Problem[] };

/** Checks one field's value. @returns it as Vault's API takes it, or undefined if it is wrong */
export function checkField(sink: Sink, field: Field, tree: Tree, path: Path): unknown {
  hide(field, tree, path);
  if (field.anything) checkAnything(sink, tree, path);
  if (field.isMap && tree.is !== "map") sink.problems.push(problem(tree.at, path, found(field, tree), "a map"));
  if (field.type === "json") return plain(tree);
  if (field.type === "map") return checkMap(sink, field, tree, path);
  if (field.names === "policy") checkPolicyNames(sink, tree, path);
  if (field.type === "list" && tree.is === "list")
    return tree.items.map((item, i) => text(sink, item, [...path, String(i)]));
  const value = tree.is === "scalar" ? tree.value : null;
  if (typeof value === "string" && !field.writeOnly) refuseLogin(sink, field, value, tree, path);
  const expected = wrong(field, value);
  if (expected === undefined) return value;
  const near: [string, string[]] | undefined =
    typeof value === "string" && field.values !== undefined ? [value, [...field.values]] : undefined;
  sink.problems.push(problem(tree.at, path, found(field, tree), expected, near));
  return undefined;
}

/** The policy of vault-hooks itself is as strong as root: nobody else gets it. */
function checkPolicyNames(sink: Sink, tree: Tree, path: Path): void {
  if (tree.is === "list") {
    for (const [i, item] of tree.items.entries()) checkPolicyNames(sink, item, [...path, String(i)]);
  }
  if (tree.is !== "scalar" || typeof tree.value !== "string") return;
  const names = tree.value.split(",").map((name) => name.trim().toLowerCase());
  if (!names.includes(reserved.policy)) return;
  const expected = "another: it is the one that vault-hooks itself logs in with, and as strong as root";
  sink.problems.push(problem(tree.at, path, `the reserved policy ${reserved.policy}`, expected));
}

/** Where Vault's form of an object is unknown: its fields that name policies are known by their names. */
function checkAnything(sink: Sink, tree: Tree, path: Path): void {
  if (tree.is === "list") for (const [i, item] of tree.items.entries()) checkAnything(sink, item, [...path, String(i)]);
  if (tree.is !== "map") return;
  for (const [name, { value }] of tree.entries) {
    if (/polic(y|ies)/.test(name)) checkPolicyNames(sink, value, [...path, name]);
    checkAnything(sink, value, [...path, name]);
  }
}

/** A password in a URL would show in every plan; and Vault hides it, so that a change of it alone would not be seen. */
function refuseLogin(sink: Sink, field: Field, value: string, tree: Tree, path: Path): void {
  if (!(field.templated ? hasPassword(value) : urlWithLogin.test(value))) return;
  const expected = field.templated
    ? "{{username}} and {{password}} in their places; what they are goes into fields of their own"
    : "a URL without one";
  sink.problems.push(problem(tree.at, path, "a password in a URL", expected));
}

const urlWithLogin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*:(?!\{\{)[^\s/?#@]*@/i;

/** `scheme://user:password@host`, Oracle's `user/password@host`, and `password=...` anywhere. */
function hasPassword(text: string): boolean {
  const named = [...text.matchAll(/(?:password|passwd|pwd)\s*=\s*([^&;\s]*)/gi)].map(([, given]) => given ?? "");
  const login = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^:/@]*[:/]([^@]*)@/i.exec(text)?.[1];
  return [...named, ...(login === undefined ? [] : [login])].some(
    (each) => !/^['"]?(\{\{password\}\})?['"]?$/.test(each),
  );
}

/** Of what Vault never tells, the fields that hold a secret, by their names: not the type of a key, or its name. */
const confidential =
  /(pass|password|password_hash|secret|token|jwt|credentials|(^|_)key|^url|_uri|_json|pem_bundle|_base64|^env)$/;

/** An error of Vault may repeat what was sent to it. */
function hide(field: Field, tree: Tree, path: Path): void {
  if (field.ordinary) wordsIn(plain(tree));
  else if (field.secret || (field.writeOnly && confidential.test(path.at(-1) ?? ""))) secretsIn(plain(tree));
}

/** What was expected instead, or undefined if it is right. */
function wrong(field: Field, value: Scalar): string | undefined {
  if (field.values !== undefined && !field.values.includes(String(value))) {
    return `one of ${field.values.map((each) => each || '""').join(", ")}`;
  }
  switch (field.type) {
    case "int":
      return isInt(field, value) ? undefined : numberIn(field);
    case "bool":
      return typeof value === "boolean" ? undefined : "true or false";
    case "duration":
      return isDuration(value) ? undefined : "a duration like 90s, 24h or 1h30m, or seconds";
    case "list":
      return typeof value === "string" ? undefined : "a list of texts";
    default:
      return typeof value === "string" ? undefined : "a text (digits, true and false need quotes)";
  }
}

function isInt({ min, max, fraction }: Field, value: Scalar): boolean {
  if (typeof value !== "number" || !(fraction || Number.isSafeInteger(value))) return false;
  return value >= (min ?? value) && value <= (max ?? value);
}

function numberIn(field: Field): string {
  return `a ${field.fraction ? "" : "whole "}number${range(field)}`;
}

function range({ min, max }: Field): string {
  if (min === undefined) return "";
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

function isDuration(value: Scalar): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0;
  // Vault takes days alone: 1d, not 1d12h
  return (
    typeof value === "string" && parseDuration(value) !== undefined && (!value.includes("d") || /^\d+d$/.test(value))
  );
}

function checkMap(sink: Sink, field: Field, tree: Tree, path: Path): Record<string, string> | undefined {
  if (tree.is !== "map") {
    sink.problems.push(problem(tree.at, path, found(field, tree), "a map of texts"));
    return undefined;
  }
  const entries = [...tree.entries].map(([key, entry]) => {
    const value = text(sink, entry.value, [...path, key]);
    if (field.keys !== undefined) checkKey(sink, field.keys, key, value, entry, path);
    return [key, value] as const;
  });
  return Object.fromEntries(entries);
}

function checkKey(
  { problems }: Sink,
  keys: NonNullable<Field["keys"]>,
  key: string,
  value: string,
  entry: Entry,
  path: Path,
): void {
  const names = Object.keys(keys);
  const values = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (values === undefined) {
    problems.push(
      problem(entry.at, [...path, key], `the unknown key ${key}`, `one of ${names.join(", ")}`, [key, names]),
    );
  } else if (!values.includes(value)) {
    problems.push(problem(entry.value.at, [...path, key], value, `one of ${values.join(", ")}`));
  }
}

/** A text, or a number or truth value that reads the same as one. */
function text(sink: Sink, tree: Tree, path: Path): string {
  if (tree.is === "scalar" && tree.value !== null) return String(tree.value);
  sink.problems.push(problem(tree.at, path, found(undefined, tree), "a text"));
  return "";
}

function found(field: Field | undefined, tree: Tree): string {
  if (tree.is === "map") return "a map";
  if (tree.is === "list") return "a list";
  if (tree.value === null) return "nothing";
  if (field?.secret || field?.writeOnly) return `a ${typeof tree.value}`;
  if (typeof tree.value !== "string") return String(tree.value);
  return `the text ${JSON.stringify(tree.value.length > 60 ? `${tree.value.slice(0, 57)}...` : tree.value)}`;
}

function plain(tree: Tree): unknown {
  if (tree.is === "scalar") return tree.value;
  if (tree.is === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}
