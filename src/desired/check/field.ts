import { reserved } from "../../kinds/index.ts";
import type { Fault, Field, PasswordRule } from "../../kinds/model/fields/field.ts";
import type { Origin } from "../../kinds/model/kind.ts";
import { secretsIn, wordsIn } from "../../redact.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

type Sink = { readonly problems: Problem[] };

/** Checks one field's value. @returns it as Vault's API takes it, or undefined if it is wrong */
export function checkField(sink: Sink, field: Field, tree: Tree, path: Path): unknown {
  const value = plain(tree);
  hide(field, value, path);
  if (field.names === "policies within") checkPoliciesWithin(sink, tree, path);
  if (field.names === "policy") checkPolicyNames(sink, tree, path);
  if (typeof value === "string" && !field.writeOnly) refusePassword(sink, field, value, tree, path);
  const checked = field.type.check(value);
  for (const fault of checked.faults ?? []) sink.problems.push(problemOf(field, fault, tree, path));
  return checked.value;
}

function problemOf(
  field: Field,
  { path: inner = [], isKey = false, found, expected, near }: Fault,
  tree: Tree,
  path: Path,
): Problem {
  const { at, value } = placeOf(tree, inner, isKey);
  return problem(at, [...path, ...inner], found ?? show(field, value), expected, near && [near[0], [...near[1]]]);
}

/** @returns the part of a tree that keys and indexes lead to, and its position, or that of its key */
function placeOf(tree: Tree, path: Path, isKey: boolean): { at: Origin; value: Tree } {
  let place = { at: tree.at, value: tree };
  for (const [i, part] of path.entries()) {
    const { value } = place;
    const entry = value.is === "map" ? value.entries.get(part) : undefined;
    const inner = entry?.value ?? (value.is === "list" ? value.items[Number(part)] : undefined);
    if (inner === undefined) return place;
    place = { at: isKey && entry !== undefined && i === path.length - 1 ? entry.at : inner.at, value: inner };
  }
  return place;
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
function checkPoliciesWithin(sink: Sink, tree: Tree, path: Path): void {
  if (tree.is === "list")
    for (const [i, item] of tree.items.entries()) checkPoliciesWithin(sink, item, [...path, String(i)]);
  if (tree.is !== "map") return;
  for (const [name, { value }] of tree.entries) {
    if (/polic(y|ies)/.test(name)) checkPolicyNames(sink, value, [...path, name]);
    checkPoliciesWithin(sink, value, [...path, name]);
  }
}

/** A password in a URL would show in every plan. Vault hides it, so that a change of it alone would not be seen. */
function refusePassword(sink: Sink, field: Field, value: string, tree: Tree, path: Path): void {
  const { hasPassword, expected } = field.type.passwordRule ?? urlRule;
  if (hasPassword(value)) sink.problems.push(problem(tree.at, path, "a password in a URL", expected));
}

const urlWithLogin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*:(?!\{\{)[^\s/?#@]*@/i;

const urlRule: PasswordRule = { hasPassword: (text) => urlWithLogin.test(text), expected: "a URL without one" };

/** Of what Vault never tells, the fields that hold a secret, by their names: not the type of a key, or its name. */
const confidential =
  /(pass|password|password_hash|secret|token|jwt|credentials|(^|_)key|^url|_uri|_json|pem_bundle|_base64|^env)$/;

/** An error of Vault may repeat what was sent to it. */
function hide(field: Field, value: unknown, path: Path): void {
  if (field.ordinary) wordsIn(value);
  else if (field.secret || (field.writeOnly && confidential.test(path.at(-1) ?? ""))) secretsIn(value);
}

function show(field: Field, tree: Tree): string {
  if (tree.is === "map") return "a map";
  if (tree.is === "list") return "a list";
  if (tree.value === null) return "nothing";
  if (field.secret || field.writeOnly) return `a ${typeof tree.value}`;
  if (typeof tree.value !== "string") return String(tree.value);
  return `the text ${JSON.stringify(tree.value.length > 60 ? `${tree.value.slice(0, 57)}...` : tree.value)}`;
}

function plain(tree: Tree): unknown {
  if (tree.is === "scalar") return tree.value;
  if (tree.is === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}
