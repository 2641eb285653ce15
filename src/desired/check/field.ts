import type { Fault, Field } from "../../kinds/model/fields/field.ts";
import { expectedOfSecret } from "../../kinds/model/from-secret.ts";
import type { Origin } from "../../kinds/model/kind.ts";
import { checkHcl } from "../policy-text/check-hcl.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";
import { checkPoliciesWithin, checkPolicyNames } from "./policy-names.ts";
import { separateReferences } from "./secret-reference.ts";
import { mayShow, refusePassword, registerSecret } from "./secrets.ts";
import { showType, showValue } from "./show-value.ts";

/** Checks one field's value. @returns it as Vault's API takes it; undefined if it is wrong */
export function checkField(
  { problems }: { readonly problems: Problem[] },
  field: Field,
  tree: Tree,
  path: Path,
): unknown {
  const { value, isWhole, count, restore } = separateReferences(problems, field, tree, path);
  registerSecret(field, value, path);
  if (field.names === "policies within") checkPoliciesWithin(problems, tree, path);
  if (field.names === "policy") checkPolicyNames(problems, tree, path);
  refusePassword(problems, field, tree, path);
  const checked = field.type.check(value);
  if (isWhole) return checkWhole(problems, field, restore(value), tree, path);
  for (const fault of checked.faults ?? []) problems.push(problemOf(field, fault, tree, path));
  if (field.isHcl && typeof checked.value === "string")
    problems.push(...problemsInHcl(field, checked.value, tree, path));
  return count === 0 ? checked.value : restore(checked.value);
}

/**
 * A Secret's value is one string, which a map, a number or a fixed list of values cannot be.
 *
 * @param reference undefined if it has a mistake that is reported already
 */
function checkWhole(problems: Problem[], field: Field, reference: unknown, tree: Tree, path: Path): unknown {
  const expected = reference === undefined ? undefined : expectedOfSecret(field);
  if (expected === undefined) return reference;
  problems.push(problem(tree.at, path, "a reference to a Secret, whose value is a string", expected));
  return undefined;
}

/** A write-only text is not shown. */
function problemsInHcl(field: Field, text: string, { at }: Tree, path: Path): Problem[] {
  return checkHcl(text).map(({ found, line, expected }) =>
    problem(at, path, `${mayShow(field, path) ? found : "a mistake"} (line ${line} of the text)`, expected),
  );
}

function problemOf(field: Field, fault: Fault, tree: Tree, path: Path): Problem {
  const { path: inner = [], isKey = false, expected, near } = fault;
  const { at, value } = partOf(tree, inner, isKey);
  const found = fault.found ?? (mayShow(field, path) ? showValue(value) : showType(value));
  return problem(at, [...path, ...inner], found, expected, near && [near[0], [...near[1]]]);
}

/**
 * @param path keys and indexes
 * @returns the part of a tree that a path leads to, and the position of the part or of its key
 */
function partOf(tree: Tree, path: Path, isKey: boolean): { at: Origin; value: Tree } {
  let part = { at: tree.at, value: tree };
  for (const [i, key] of path.entries()) {
    const { value } = part;
    const entry = value.is === "map" ? value.entries.get(key) : undefined;
    const inner = entry?.value ?? (value.is === "list" ? value.items[Number(key)] : undefined);
    if (inner === undefined) return part;
    part = { at: isKey && entry !== undefined && i === path.length - 1 ? entry.at : inner.at, value: inner };
  }
  return part;
}
