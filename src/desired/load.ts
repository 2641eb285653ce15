import { ConfigError } from "../errors.ts";
import { rootSpec } from "../kinds/index.ts";
import type { Item, Origin } from "../kinds/model/kind.ts";
import { type Checker, check } from "./check/check.ts";
import { type CheckedConfig, compile } from "./compile.ts";
import { conflictsIn } from "./conflicts.ts";
import { type Files, readFolder } from "./files.ts";
import { mergeTrees } from "./merge.ts";
import { isBuiltIn, type MissingPolicy, type Policies, resolvePolicies } from "./policies.ts";
import { describeProblem, type Problem, problem } from "./problem.ts";
import { validPart } from "./valid-part.ts";
import { parseYaml, type Tree } from "./yaml/tree.ts";

/** Words in Git that let init go on where it refuses to lose data. */
export type Recovery = {
  /** The fingerprint of the unseal keys whose data is lost. */
  readonly acceptDataLoss?: string;
  /** The id of the intent whose Vault was never used. */
  readonly remakeUnused?: string;
};

/** All that Vault should hold. */
export type Desired = {
  /** Sorted by path. */
  readonly items: readonly Item[];
  readonly recovery: Recovery;
  /** Policies that are named and not declared; Vault may have them all the same. */
  readonly missingPolicies: readonly MissingPolicy[];
  readonly warnings: readonly string[];
};

/** The configuration is wrong: every mistake at once. */
export class InvalidConfig extends ConfigError {
  readonly problems: readonly Problem[];

  constructor(folder: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    super(
      `the configuration in ${folder} has ${count}:\n${problems.map((each) => `  ${describeProblem(each)}`).join("\n")}`,
      {
        todo: "Correct it and run it again; nothing of it was applied. `vault-hooks validate` checks it without a Vault.",
      },
    );
    this.problems = problems;
  }
}

/**
 * Reads a folder of YAML and .hcl files.
 * @throws InvalidConfig with every mistake; ConfigError where the folder cannot be read
 */
export async function loadDesired(folder: string): Promise<Desired> {
  const { files, problems, leftOut } = await readFolder(folder);
  const desired = parseDesired(folder, files, problems);
  const ending = (name: string) => `${name} is left out: only files that end in .yaml, .yml or .hcl are read`;
  return { ...desired, warnings: [...desired.warnings, ...[...leftOut].sort().map(ending)] };
}

/**
 * The recovery words alone: init must not depend on the rest being right. A file that is no YAML says nothing.
 * @throws InvalidConfig where the words themselves are wrong; ConfigError where the folder cannot be read
 */
export async function loadRecovery(folder: string): Promise<Recovery> {
  const { files } = await readFolder(folder);
  const problems: Problem[] = [];
  const trees = parseFiles(files, []).flatMap(onlyRecovery);
  const { recovery = {} } = checkTrees(folder, trees, problems).checked;
  if (problems.length > 0) throw new InvalidConfig(folder, sortProblems(problems));
  return recovery;
}

function onlyRecovery(tree: Tree): Tree[] {
  const entry = tree.is === "map" ? tree.entries.get("recovery") : undefined;
  return entry === undefined ? [] : [{ is: "map", at: tree.at, entries: new Map([["recovery", entry]]) }];
}

/**
 * As loadDesired, from files that were read. Pure.
 * @param problems what was wrong with the files themselves
 */
export function parseDesired(folder: string, files: Files, problems: Problem[] = []): Desired {
  const { checked, originOf, textOf } = checkTrees(folder, parseFiles(files, problems), problems);
  const resolve = (policies: Policies = {}, ...within: string[]) =>
    resolvePolicies(policies, files, { originOf, textOf, path: [...within, "policies"] }, problems);
  const { policies, used, doubts } = resolve(checked.policies);
  for (const [name, inside] of Object.entries(checked.namespaces ?? {})) {
    const within = resolve(inside.policies, "namespaces", name);
    for (const file of within.used) used.add(file);
    doubts.push(...within.doubts);
  }
  // whoever corrects the mistakes so far wants to know at once what else is wrong with the rest
  const items = compile(validPart(rootSpec, { ...checked, policies }, problems), originOf);
  problems.push(...conflictsIn(items));
  if (problems.length > 0) throw new InvalidConfig(folder, sortProblems(problems));
  return {
    items,
    recovery: checked.recovery ?? {},
    missingPolicies: missing(items, Object.keys(policies)),
    warnings: [...sortProblems(doubts).map(describeProblem), ...unusedFiles(files, used)],
  };
}

/** What several files say together; of what was wrong only what could be read. */
function checkTrees(folder: string, trees: readonly Tree[], problems: Problem[]) {
  const tree = mergeTrees(rootSpec, trees, problems);
  const checker: Checker = { problems, origins: new WeakMap(), texts: new WeakMap() };
  const nowhere: Origin = { file: folder, line: 0, column: 0 };
  const value = tree === undefined ? {} : check(checker, rootSpec, tree, { path: [], at: tree.at });
  return {
    checked: value as CheckedConfig & { recovery?: Recovery },
    originOf: (each: unknown) => checker.origins.get(each as object) ?? nowhere,
    textOf: (each: object, key: string) => checker.texts.get(each)?.get(key),
  };
}

function parseFiles(files: Files, problems: Problem[]): Tree[] {
  const yaml = [...files].filter(([name]) => !name.endsWith(".hcl")).sort(([a], [b]) => (a < b ? -1 : 1));
  if (yaml.length === 0) {
    const at = { file: ".", line: 0, column: 0 };
    problems.push(problem(at, [], "no .yaml file", "at least one"));
  }
  return yaml.flatMap(([name, text]) => parseYaml(name, text, problems) ?? []);
}

function missing(items: readonly Item[], declared: readonly string[]): MissingPolicy[] {
  const known = new Set(declared);
  return items.flatMap(({ policies = [], path, at }) =>
    policies.filter((name) => !known.has(name) && !isBuiltIn(name)).map((policy) => ({ policy, by: path, at })),
  );
}

function unusedFiles(files: Files, used: ReadonlySet<string>): string[] {
  const unused = [...files.keys()].filter((name) => name.endsWith(".hcl") && !used.has(name));
  return unused.map((name) => `${name} is used by no policy`);
}

function sortProblems(problems: readonly Problem[]): Problem[] {
  const key = ({ at }: Problem) => at.file;
  return [...problems].sort((a, b) =>
    key(a) === key(b) ? a.at.line - b.at.line || a.at.column - b.at.column : key(a) < key(b) ? -1 : 1,
  );
}
