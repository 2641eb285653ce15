import { checkPath } from "./check-path.ts";
import { checkRules, checkSingleValue } from "./check-rules.ts";
import { type Mistake, unknownKey } from "./mistake.ts";
import { type HclEntry, type HclValue, parseHcl } from "./parse.ts";
import { HclError, isJson } from "./tokens.ts";

/**
 * Checks the text of a policy in HCL or JSON.
 * @returns mistakes that Vault would refuse, and warnings about probable mistakes
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function checkPolicy(text: string): Mistake[] {
  const expected = "a policy in HCL or JSON";
  if (text.trim() === "") return [{ offset: 0, found: "an empty policy", expected }];
  try {
    return checkEntries(parseHcl(text), isJson(text));
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    return [{ offset: error.offset, found: error.message, expected }];
  }
}

type PathBlock = { readonly path: string; readonly offset: number; readonly rules: readonly HclEntry[] };

function checkEntries(entries: readonly HclEntry[], json: boolean): Mistake[] {
  const mistakes: Mistake[] = [];
  const blocks: PathBlock[] = [];
  for (const entry of entries) {
    if (entry.key === "path") blocks.push(...(json ? jsonPathsIn : hclPathsIn)(entry, mistakes));
    else if (entry.key !== "name") mistakes.push(unknownKey(entry, ["path", "name"]));
    else mistakes.push(...checkSingleValue(entry.value, "a string as the name"));
  }
  const seen = new Set<string>();
  for (const { path, offset, rules } of blocks) {
    // Vault drops a leading slash
    const key = path.replace(/^\//, "");
    if (seen.has(key)) mistakes.push(duplicatePath(key, offset));
    seen.add(key);
    mistakes.push(...checkPath(path, offset), ...checkRules(path, offset, rules));
  }
  return mistakes;
}

function duplicatePath(path: string, offset: number): Mistake {
  const expected = "each path once, since Vault merges duplicates";
  return { offset, found: `a duplicate path "${path}"`, expected, isWarning: true };
}

/** `path "x" { ... }` */
function hclPathsIn({ labels, value, offset }: HclEntry, mistakes: Mistake[]): PathBlock[] {
  const [label, ...others] = labels;
  if (label !== undefined && others.length === 0 && value.is === "block") {
    return [{ path: label.text, offset: label.offset, rules: value.entries }];
  }
  mistakes.push({ offset, found: "a path that is not a block", expected: 'path "some/path" { ... }' });
  return [];
}

/** `"path": {"x": {...}}`, or a list of such objects. */
function jsonPathsIn({ value, offset }: HclEntry, mistakes: Mistake[]): PathBlock[] {
  const blocks = value.is === "list" ? value.items : [value];
  const paths = blocks.flatMap(entriesOf);
  if (blocks.length === 0 || [...blocks, ...paths.map((each) => each.value)].some(({ is }) => is !== "block")) {
    mistakes.push({ offset, found: "a path that is not an object", expected: '"path": {"some/path": {...}}' });
    return [];
  }
  return paths.map((each) => ({ path: each.key, offset: each.offset, rules: entriesOf(each.value) }));
}

function entriesOf(value: HclValue): readonly HclEntry[] {
  return value.is === "block" ? value.entries : [];
}
