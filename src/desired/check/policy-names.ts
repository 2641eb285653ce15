import { reserved } from "../../kinds/index.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

/** Why a policy may not be named. */
const reasons: Readonly<Record<string, string>> = {
  [reserved.policy]: "vault-hooks itself logs in with this one and it is as powerful as root",
  [reserved.readerPolicy]: "vault-hooks itself logs in with this one and it may read every secret",
};

/** Reports the policies of vault-hooks itself in a list or a string with commas. */
export function checkPolicyNames(problems: Problem[], tree: Tree, path: Path): void {
  if (tree.is === "list") {
    for (const [i, item] of tree.items.entries()) checkPolicyNames(problems, item, [...path, String(i)]);
  }
  if (tree.is !== "scalar" || typeof tree.value !== "string") return;
  const names = tree.value.split(",").map((name) => name.trim().toLowerCase());
  for (const [name, reason] of Object.entries(reasons)) {
    if (!names.includes(name)) continue;
    problems.push(problem(tree.at, path, `the reserved policy ${name}`, `a different policy, because ${reason}`));
  }
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
