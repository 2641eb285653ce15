import { decodeBase64 } from "../../util/base64.ts";
import { checkSegments, checkTemplates } from "./check-path.ts";
import { checkedCapabilities, checkRules } from "./check-rules.ts";
import { checkServers } from "./check-servers.ts";
import { structOf } from "./decode/collection.ts";
import { type Located, unreadable } from "./decode/node.ts";
import { string } from "./decode/scalar.ts";
import type { Mistake } from "./mistake.ts";
import { rules } from "./rules.ts";
import { parse } from "./syntax/parse.ts";
import { type Entry, type Key, SyntaxMistake, type Value } from "./syntax/tree.ts";

/**
 * Checks the text of a policy in HCL or JSON, as Vault and OpenBao check it.
 * @returns mistakes that Vault would refuse, and warnings about probable mistakes
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function checkPolicy(text: string): Mistake[] {
  const expected = "a policy in HCL or JSON";
  if (text === "") return [{ offset: 0, found: "an empty policy", expected }];
  if (/^[ \t\r\n]*$/.test(text)) return [{ offset: 0, found: "an empty policy", expected, isWarning: true }];
  const decoded = decodeBase64(text);
  return decoded === text ? checkText(text) : checkDecoded(decoded);
}

function checkDecoded(text: string | undefined): Mistake[] {
  const found = "a policy in base64";
  if (text === undefined) return [{ offset: 0, found, expected: "text in UTF-8" }];
  const mistakes = checkText(text).map((mistake) => ({ ...mistake, offset: 0 }));
  return [{ offset: 0, found, expected: "its text, which is what Vault stores", isWarning: true }, ...mistakes];
}

function checkText(text: string): Mistake[] {
  const mistakes: Mistake[] = [];
  try {
    const entries = parse(text, mistakes);
    return [...mistakes, ...checkEntries(entries)];
  } catch (error) {
    if (!(error instanceof SyntaxMistake)) throw error;
    return [...mistakes, { offset: error.offset, found: error.message, expected: error.expected }];
  }
}

const policy = structOf<{ name: Located<string> }>({ name: string }, { known: ["path"], isStrict: true });

function checkEntries(entries: readonly Entry[]): Mistake[] {
  const mistakes: Mistake[] = [];
  policy({ is: "entries", offset: 0, entries }, undefined, mistakes);
  const seen = new Set<string>();
  const used: Located<string>[] = [];
  for (const { keys, value } of entries.filter(({ keys: [key] }) => key?.value === "path")) {
    const { path, offset } = pathOf(keys, mistakes);
    // Vault drops a leading slash
    const key = path.replace(/^\//, "");
    if (seen.has(key)) mistakes.push(duplicatePath(key, offset));
    seen.add(key);
    mistakes.push(...checkTemplates(path, offset), ...checkSegments(path, offset));
    used.push(...checkBlock(path, offset, value, mistakes));
  }
  return [...mistakes, ...checkServers(used)];
}

/** @param keys `path`, and the path itself */
function pathOf([first, label, ignored]: readonly Key[], mistakes: Mistake[]): { path: string; offset: number } {
  const offset = (label ?? first)?.offset ?? 0;
  if (ignored !== undefined) mistakes.push(ignoredLabel(ignored.text, ignored.offset));
  if (label === undefined) mistakes.push(unlabelled(offset));
  // in JSON it may have been reported as a key
  else if (label.value === undefined && mistakes.every((each) => each.offset !== offset))
    mistakes.push(unreadable(label));
  return { path: label === undefined ? "path" : (label.value ?? ""), offset };
}

/** @returns the keys and capabilities in the block */
function checkBlock(path: string, offset: number, value: Value, mistakes: Mistake[]): Located<string>[] {
  if (value.is !== "block") {
    mistakes.push({ offset, found: "a path that is not a block", expected: 'path "some/path" { ... }' });
    return [];
  }
  const found = rules(value, undefined, mistakes) ?? {};
  mistakes.push(...checkRules(path, offset, found));
  return [...keysOf(value.entries), ...checkedCapabilities(found)];
}

function keysOf(entries: readonly Entry[]): Located<string>[] {
  return entries.map(({ keys: [key] }) => ({ value: key?.value ?? "", offset: key?.offset ?? 0 }));
}

function unlabelled(offset: number): Mistake {
  const found = "a block without a path";
  return { offset, found, expected: 'path "some/path" { ... }, since Vault names the path "path"', isWarning: true };
}

function ignoredLabel(text: string, offset: number): Mistake {
  return { offset, found: text, expected: "one path, since Vault ignores what follows it", isWarning: true };
}

function duplicatePath(path: string, offset: number): Mistake {
  const expected = "each path once, since Vault merges duplicates";
  return { offset, found: `a duplicate path "${path}"`, expected, isWarning: true };
}
