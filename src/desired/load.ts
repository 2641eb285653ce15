import type { Recovery } from "../custody/recovery.ts";
import { rootSpec } from "../kinds/index.ts";
import { elements } from "../kinds/model/fields/list.ts";
import type { Item } from "../kinds/model/kind.ts";
import { check } from "./check/check.ts";
import type { Checker } from "./check/checker.ts";
import { findForeignTemplates } from "./check/foreign-templates.ts";
import { type CheckedConfig, compile } from "./compile.ts";
import { findConflicts } from "./conflicts.ts";
import { type Files, readFolder } from "./files.ts";
import { InvalidConfig } from "./invalid-config.ts";
import { mergeTrees } from "./merge.ts";
import { findMissingPolicies, type MissingPolicy } from "./missing-policies.ts";
import { byOrigin } from "./origin.ts";
import { describeProblem, type Problem, problem, type Warning } from "./problem.ts";
import { type Positions, resolvePolicies } from "./resolve-policies.ts";
import { validPart } from "./valid-part.ts";
import { parseYaml } from "./yaml/parse-yaml.ts";
import { isMap, type Tree } from "./yaml/tree.ts";

/** The desired state of Vault, as the configuration declares it. */
export type Desired = {
  /** Sorted by path. */
  readonly items: readonly Item[];
  readonly recovery: Recovery;
  /** Policies that are named and not declared. Vault may have them nevertheless. */
  readonly missingPolicies: readonly MissingPolicy[];
  /** In the order of lines. */
  readonly warnings: readonly Warning[];
};

/**
 * Reads the desired state from a folder of YAML and .hcl files.
 * @throws InvalidConfig with every mistake; ConfigError if the folder cannot be read
 */
export async function loadDesired(folder: string): Promise<Desired> {
  const { files, problems, ignored } = await readFolder(folder);
  const desired = parseDesired(folder, files, problems);
  const ignoredFiles = ignored.map((name) =>
    ofFile(name, `${name} is ignored: only .yaml, .yml and .hcl files are read`),
  );
  return { ...desired, warnings: [...desired.warnings, ...ignoredFiles] };
}

/**
 * Reads the key `recovery` alone, so that init does not depend on the rest of the configuration. Files that are not YAML
 * are ignored.
 *
 * @throws InvalidConfig if the key itself is invalid; ConfigError if the folder cannot be read
 */
export async function loadRecovery(folder: string): Promise<Recovery> {
  const { files } = await readFolder(folder);
  const problems: Problem[] = [];
  const trees = parseFiles(files, []).flatMap(recoveryIn);
  const { config } = checkTrees(folder, trees, problems);
  throwIfInvalid(folder, problems);
  return recoveryOf(config);
}

function recoveryIn(tree: Tree): Tree[] {
  const entry = isMap(tree) ? tree.entries.get("recovery") : undefined;
  return entry === undefined ? [] : [{ is: "map", at: tree.at, entries: new Map([["recovery", entry]]) }];
}

/**
 * Makes the desired state from the contents of its files: parses and merges them, checks the result, resolves policies,
 * compiles the objects and looks for conflicts between them. Pure.
 *
 * @param problems mistakes found while reading the files
 * @throws InvalidConfig with every mistake
 */
export function parseDesired(folder: string, files: Files, problems: Problem[] = []): Desired {
  const trees = parseFiles(files, problems);
  const { config, positions, warnings: templates } = checkTrees(folder, trees, problems);
  const { usedFiles, warnings } = resolvePolicies(config, files, positions, problems);
  // the valid part is checked for conflicts too, so that all mistakes are reported in one run
  const items = compile(validPart(rootSpec, config, problems), positions.originOf);
  problems.push(...findConflicts(items));
  throwIfInvalid(folder, problems);
  return {
    items,
    recovery: recoveryOf(config),
    missingPolicies: findMissingPolicies(items, Object.keys(config.policies ?? {})),
    warnings: [...[...templates, ...warnings].map(ofProblem), ...unusedFiles(files, usedFiles)].sort(byOrigin),
  };
}

/** Parses the YAML files in the order of their names. */
function parseFiles(files: Files, problems: Problem[]): Tree[] {
  const yaml = [...files].filter(([name]) => !name.endsWith(".hcl")).sort(([a], [b]) => (a < b ? -1 : 1));
  if (yaml.length === 0) {
    problems.push(problem({ file: ".", line: 0, column: 0 }, [], "no .yaml file", "at least one"));
  }
  return yaml.flatMap(([name, text]) => parseYaml(name, text, problems) ?? []);
}

/** A list may also be written as one string with commas. */
type Config = CheckedConfig & {
  readonly recovery?: Omit<Recovery, "removePeers"> & { readonly removePeers?: unknown };
};

function recoveryOf({ recovery = {} }: Config): Recovery {
  const { removePeers, ...others } = recovery;
  return removePeers === undefined ? others : { ...others, removePeers: elements(removePeers, String) };
}

/** Merges the files and checks the result. Values with mistakes are only partly in it, or absent. */
function checkTrees(
  folder: string,
  trees: readonly Tree[],
  problems: Problem[],
): { config: Config; positions: Positions; warnings: Problem[] } {
  const tree = mergeTrees(rootSpec, trees, problems);
  const checker: Checker = { problems, origins: new WeakMap(), stringStarts: new WeakMap() };
  const config = tree === undefined ? {} : check(checker, rootSpec, tree, { path: [], at: tree.at });
  const positions: Positions = {
    originOf: (value) => checker.origins.get(value as object) ?? { file: folder, line: 0, column: 0 },
    textOf: (value, key) => checker.stringStarts.get(value)?.get(key),
  };
  return { config: config as Config, positions, warnings: tree === undefined ? [] : findForeignTemplates(tree) };
}

function throwIfInvalid(folder: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidConfig(folder, [...problems].sort(byOrigin));
}

function unusedFiles(files: Files, used: ReadonlySet<string>): Warning[] {
  const unused = [...files.keys()].filter((name) => name.endsWith(".hcl") && !used.has(name));
  return unused.map((name) => ofFile(name, `no policy uses ${name}`));
}

function ofFile(file: string, text: string): Warning {
  return { at: { file, line: 0, column: 0 }, text };
}

function ofProblem(found: Problem): Warning {
  return { at: found.at, text: describeProblem(found) };
}
