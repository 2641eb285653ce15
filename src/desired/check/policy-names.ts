import { reserved } from "../../kinds/index.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

/** Reports the policy of vault-hooks itself, which is as powerful as root, in a list or a string with commas. */
export function checkPolicyNames(problems: Problem[], tree: Tree, path: Path): void {
  if (tree.is === "list") {
    for (const [i, item] of tree.items.entries()) checkPolicyNames(problems, item, [...path, String(i)]);
  }
  if (tree.is !== "scalar" || typeof tree.value !== "string") return;
  const names = tree.value.split(",").map((name) => name.trim().toLowerCase());
  if (!names.includes(reserved.policy)) return;
  const expected = "a different policy, because vault-hooks itself logs in with this one and it is as powerful as root";
  problems.push(problem(tree.at, path, `the reserved policy ${reserved.policy}`, expected));
}

/** As `checkPolicyNames`, for values of unknown form: recognises fields that name policies by their own names. */
export function checkPoliciesWithin(problems: Problem[], tree: Tree, path: Path): void {
  if (tree.is === "list") {
    for (const [i, item] of tree.items.entries()) checkPoliciesWithin(problems, item, [...path, String(i)]);
  }
  if (tree.is !== "map") return;
  for (const [name, { value }] of tree.entries) {
    if (/polic(y|ies)/.test(name)) checkPolicyNames(problems, value, [...path, name]);
    checkPoliciesWithin(problems, value, [...path, name]);
  }
}
