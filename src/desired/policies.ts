import type { Origin } from "../kinds/model/kind.ts";
import { nearest } from "../util/nearest.ts";
import type { Files } from "./files.ts";
import { originsIn } from "./origin.ts";
import { checkPolicy, type Mistake } from "./policy-text/policy-text.ts";
import { type Path, type Problem, problem, showMeant, showOrigin } from "./problem.ts";

export type Policies = Readonly<Record<string, { file?: string; hcl?: string } | undefined>>;

type Places = {
  /** The path in the configuration at which the policies stand. */
  readonly path: Path;
  readonly originOf: (value: unknown) => Origin;
  /** Where a text of several lines begins, in an object under a key. */
  readonly textOf: (value: object, key: string) => Origin | undefined;
};

/**
 * Puts the text of each policy's file in its place, and checks every text.
 * @returns policies with their text, the names of the files that were used, and doubts about what Vault takes
 */
export function resolvePolicies(
  policies: Policies,
  files: Files,
  { originOf, textOf, path }: Places,
  problems: Problem[],
): { policies: Record<string, { hcl: string }>; used: Set<string>; doubts: Problem[] } {
  const used = new Set<string>();
  const doubts: Problem[] = [];
  const resolved = new Map<string, { hcl: string }>();
  for (const [name, policy] of Object.entries(policies)) {
    if (policy === undefined) continue;
    const text = policy.file === undefined ? policy.hcl : files.get(policy.file);
    if (policy.file !== undefined && text === undefined) {
      problems.push(missingFile([...path, name, "file"], policy.file, files, originOf(policy)));
    }
    if (text === undefined) continue;
    if (policy.file !== undefined) used.add(policy.file);
    resolved.set(name, Object.assign(policy, { hcl: text }));
    const begins = policy.file === undefined ? textOf(policy, "hcl") : { file: policy.file, line: 1, column: 1 };
    const told = checkText(text, [...path, name], begins, originOf(policy));
    problems.push(...told.grave);
    doubts.push(...told.harmless);
  }
  return { policies: Object.fromEntries(resolved), used, doubts };
}

function missingFile(path: Path, file: string, files: Files, at: Origin): Problem {
  const known = [...files.keys()].filter((name) => name.endsWith(".hcl"));
  return problem(at, path, `${file}, which is not in the folder`, "a .hcl file of this folder, by its name in it", [
    file,
    known,
  ]);
}

/** @param begins where the text stands as it is, if it does; else its mistakes are told at `policyAt` */
function checkText(text: string, path: Path, begins: Origin | undefined, policyAt: Origin) {
  const mistakes = checkPolicy(text);
  if (mistakes.length === 0) return { grave: [], harmless: [] };
  const placeIn = originsIn("", text);
  const told = (mistake: Mistake) =>
    tell(mistake, path, placeIn(mistake.offset), begins ?? policyAt, begins !== undefined);
  return {
    grave: mistakes.filter(({ harmless }) => !harmless).map(told),
    harmless: mistakes.filter(({ harmless }) => harmless).map(told),
  };
}

/** A mistake has its own line and column where the text stands as it is; else the place is that of the policy, and the line is told. */
function tell(mistake: Mistake, path: Path, { line, column }: Origin, from: Origin, exact: boolean): Problem {
  const at = exact ? { file: from.file, line: from.line + line - 1, column: from.column + column - 1 } : from;
  const found = exact ? mistake.found : `${mistake.found} (line ${line} of its text)`;
  const base = problem(at, path, found, mistake.expected);
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
export function describeMissing({ policy, by, at }: MissingPolicy, known: readonly string[], asked: boolean): string {
  const near = nearest(policy, known);
  const lack = asked ? "is not declared here, and Vault does not have it" : "is not declared here";
  return `${showOrigin(at)}: ${by} names the policy ${policy}, which ${lack}${showMeant(near)}`;
}

export function isBuiltIn(policy: string): boolean {
  return builtIn.includes(policy);
}
