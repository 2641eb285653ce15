import type { Origin } from "../resources/kind.ts";
import { nearest } from "../util/nearest.ts";
import type { Files } from "./files.ts";
import { checkPolicy, type Mistake } from "./policy-text.ts";
import { type Problem, problem } from "./problem.ts";

type Policies = Readonly<Record<string, { file?: string; hcl?: string } | undefined>>;

/**
 * Puts the text of each policy's file in its place, and checks every text.
 * @returns policies with their text, the names of the files that were used, and doubts about what Vault takes
 */
export function resolvePolicies(
  policies: Policies,
  files: Files,
  originOf: (value: unknown) => Origin,
  problems: Problem[],
): { policies: Record<string, { hcl: string }>; used: Set<string>; doubts: Problem[] } {
  const used = new Set<string>();
  const doubts: Problem[] = [];
  const resolved = new Map<string, { hcl: string }>();
  for (const [name, policy] of Object.entries(policies)) {
    if (policy === undefined) continue;
    const text = policy.file === undefined ? policy.hcl : files.get(policy.file);
    if (policy.file !== undefined && text === undefined) {
      problems.push(missingFile(name, policy.file, files, originOf(policy)));
    }
    if (text === undefined) continue;
    if (policy.file !== undefined) used.add(policy.file);
    const mistakes = checkPolicy(text);
    const told = (mistake: Mistake) => tell(mistake, name, text, policy.file, originOf(policy));
    problems.push(...mistakes.filter(({ harmless }) => !harmless).map(told));
    doubts.push(...mistakes.filter(({ harmless }) => harmless).map(told));
    resolved.set(name, Object.assign(policy, { hcl: text }));
  }
  return { policies: Object.fromEntries(resolved), used, doubts };
}

function missingFile(policy: string, file: string, files: Files, at: Origin): Problem {
  const known = [...files.keys()].filter((name) => name.endsWith(".hcl"));
  const path = ["policies", policy, "file"];
  return problem(at, path, `${file}, which is not in the folder`, "a .hcl file of this folder, by its name in it", [
    file,
    known,
  ]);
}

/** In a file a mistake has its own line and column; in a YAML text the place is that of the policy, and the line is told. */
function tell(mistake: Mistake, name: string, text: string, file: string | undefined, policyAt: Origin): Problem {
  const before = text.slice(0, mistake.offset).split("\n");
  const line = before.length;
  const at = file === undefined ? policyAt : { file, line, column: (before.at(-1)?.length ?? 0) + 1 };
  const found = file === undefined ? `${mistake.found} (line ${line} of its text)` : mistake.found;
  const base = problem(at, ["policies", name], found, mistake.expected);
  return mistake.nearest === undefined ? base : { ...base, nearest: mistake.nearest };
}

/** What Vault itself brings along. */
const builtIn = ["default", "root", "default-ceiling"];

export type MissingPolicy = { readonly policy: string; readonly by: string; readonly at: Origin };

/**
 * Says so of a policy that is named and not declared.
 * @param known names that were perhaps meant
 * @param asked whether Vault was asked, and does not have it either
 */
export function describeMissing({ policy, by }: MissingPolicy, known: readonly string[], asked: boolean): string {
  const near = nearest(policy, known);
  const lack = asked ? "is not declared here, and Vault does not have it" : "is not declared here";
  return `${by} names the policy ${policy}, which ${lack}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

export function isBuiltIn(policy: string): boolean {
  return builtIn.includes(policy);
}
