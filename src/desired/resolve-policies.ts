import type { Origin } from "../kinds/model/kind.ts";
import { findForeignTemplateIn } from "./check/foreign-templates.ts";
import type { CheckedConfig, Policy, WithPolicies } from "./compile.ts";
import type { Files } from "./files.ts";
import { originsIn } from "./origin.ts";
import { checkPolicy } from "./policy-text/check.ts";
import type { Mistake } from "./policy-text/mistake.ts";
import { type Path, type Problem, problem } from "./problem.ts";

export type Positions = {
  /** Where an object of the configuration was declared. */
  readonly originOf: (value: unknown) => Origin;
  /** Where the first line of a block string is, by the object that it is in and its key. */
  readonly textOf: (value: object, key: string) => Origin | undefined;
};

/**
 * Reads the file of each policy into its field `hcl`, and checks the text of each policy. Changes the policies in place,
 * since origins are known by object.
 *
 * @param problems receives missing files and invalid policies
 * @returns the names of the files that policies use, and warnings about policies that Vault accepts
 */
export function resolvePolicies(
  config: CheckedConfig,
  files: Files,
  positions: Positions,
  problems: Problem[],
): { usedFiles: Set<string>; warnings: Problem[] } {
  const usedFiles = new Set<string>();
  const warnings: Problem[] = [];
  for (const { policy, path } of policiesIn(config)) {
    const { file } = policy;
    if (file !== undefined && files.has(file)) usedFiles.add(file);
    else if (file !== undefined) problems.push(missingFile([...path, "file"], file, files, positions.originOf(policy)));
    const text = file === undefined ? policy.hcl : files.get(file);
    if (text === undefined) continue;
    policy.hcl = text;
    const checked = checkText(text, textPosition(policy, positions), path);
    problems.push(...checked.errors);
    warnings.push(...checked.warnings, ...(file === undefined ? [] : findForeignTemplateIn(file, text, path)));
  }
  return { usedFiles, warnings };
}

/** The policies of the root namespace and of the others, each with its path in the configuration. */
function policiesIn(config: CheckedConfig): { policy: Policy; path: Path }[] {
  const policiesOf = ({ policies = {} }: WithPolicies, path: Path) =>
    Object.entries(policies).map(([name, policy]) => ({ policy, path: [...path, "policies", name] }));
  const namespaces = Object.entries(config.namespaces ?? {});
  return [
    ...policiesOf(config, []),
    ...namespaces.flatMap(([name, namespace]) => policiesOf(namespace, ["namespaces", name])),
  ];
}

function missingFile(path: Path, file: string, files: Files, at: Origin): Problem {
  const known = [...files.keys()].filter((name) => name.endsWith(".hcl"));
  const found = `${file}, which is not in the folder`;
  return problem(at, path, found, "the name of a .hcl file in the folder", [file, known]);
}

/** Where the text of a policy is; `exact` if its lines and columns are those of the file. */
type TextPosition = { readonly at: Origin; readonly exact: boolean };

function textPosition(policy: Policy, { originOf, textOf }: Positions): TextPosition {
  if (policy.file !== undefined) return { at: { file: policy.file, line: 1, column: 1 }, exact: true };
  const block = textOf(policy, "hcl");
  return block === undefined ? { at: originOf(policy), exact: false } : { at: block, exact: true };
}

function checkText(text: string, position: TextPosition, path: Path): { errors: Problem[]; warnings: Problem[] } {
  const mistakes = checkPolicy(text);
  if (mistakes.length === 0) return { errors: [], warnings: [] };
  const originIn = originsIn("", text);
  const toProblem = (mistake: Mistake) => problemOf(mistake, originIn(mistake.offset), position, path);
  return {
    errors: mistakes.filter(({ isWarning }) => !isWarning).map(toProblem),
    warnings: mistakes.filter(({ isWarning }) => isWarning).map(toProblem),
  };
}

/** The mistake at its own line and column if they are known; else at the policy, with the line in words. */
function problemOf(mistake: Mistake, { line, column }: Origin, { at: from, exact }: TextPosition, path: Path): Problem {
  const at = exact ? { file: from.file, line: from.line + line - 1, column: from.column + column - 1 } : from;
  const found = exact ? mistake.found : `${mistake.found} (line ${line} of the policy)`;
  const base = problem(at, path, found, mistake.expected);
  return mistake.nearest === undefined ? base : { ...base, nearest: mistake.nearest };
}
