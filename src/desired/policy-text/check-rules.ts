import { nearest } from "../../util/nearest.ts";
import { checkControlGroup } from "./check-control-group.ts";
import { checkExpiration, hasExpired } from "./check-expiration.ts";
import { checkWildcards } from "./check-path.ts";
import { checkWrappingTtls } from "./check-wrapping-ttls.ts";
import type { Located } from "./decode/node.ts";
import { type Mistake, toWarning } from "./mistake.ts";
import type { Rules, Strings } from "./rules.ts";

const capabilities = [
  ...["create", "read", "update", "patch", "delete", "list", "sudo", "deny"],
  // for events and snapshots in Vault, and scans in OpenBao
  ...["subscribe", "recover", "scan"],
];

/** The older form of capabilities, `policy = "write"`. */
const olderForms: Readonly<Record<string, readonly string[]>> = {
  read: ["read", "list"],
  write: ["create", "read", "update", "delete", "list"],
  sudo: ["create", "read", "update", "delete", "list", "sudo"],
  deny: ["deny"],
};

/**
 * Checks the rules of a path in a policy.
 * @param offset where the path is
 */
export function checkRules(path: string, offset: number, rules: Partial<Rules>): Mistake[] {
  const mistakes = [
    ...checkWildcards(path, offset),
    ...checkPresence(path, offset, rules),
    ...checkGranted(rules),
    ...checkLimits(rules),
  ];
  // OpenBao ignores a path that has expired
  return [...checkExpiration(rules), ...(hasExpired(rules) ? mistakes.map(toWarning) : mistakes)];
}

function checkPresence(path: string, offset: number, rules: Partial<Rules>): Mistake[] {
  if (rules.capabilities !== undefined || (rules.policy?.value ?? "") !== "") return [];
  const found = `path "${path}" without capabilities`;
  return [{ offset, found, expected: 'capabilities = ["read", ...]', isWarning: true }];
}

function checkGranted(rules: Partial<Rules>): Mistake[] {
  const { capabilities: all, policy } = rules;
  const mistakes = policy === undefined || policy.value === "" ? [] : checkOneOf(policy, Object.keys(olderForms));
  mistakes.push(...checkedCapabilities(rules).flatMap((each) => checkOneOf(each, capabilities)));
  const others = all?.value.map(({ value }) => value).filter((each) => each !== "deny") ?? [];
  if (all === undefined || others.length === 0 || !isDenied(rules)) return mistakes;
  const expected = "deny alone, because it overrides the others";
  const found = `deny together with ${others.join(", ")}`;
  return [...mistakes, { offset: all.offset, found, expected, isWarning: true }];
}

/** The capabilities that a server looks at: those before deny, which overrides all; none if the path has expired. */
export function checkedCapabilities(rules: Partial<Rules>): Strings {
  const { capabilities: all, policy } = rules;
  if (policy?.value === "deny" || all === undefined || hasExpired(rules)) return [];
  const end = all.value.findIndex(({ value }) => value === "deny");
  return end === -1 ? all.value : all.value.slice(0, end);
}

function checkOneOf({ value, offset }: Located<string>, words: readonly string[]): Mistake[] {
  if (words.includes(value)) return [];
  return [{ offset, found: `"${value}"`, expected: `one of ${words.join(", ")}`, nearest: nearest(value, words) }];
}

function isDenied(rules: Partial<Rules>): boolean {
  return grantedBy(rules).includes("deny");
}

function grantedBy({ capabilities: all, policy }: Partial<Rules>): string[] {
  return [...(all?.value.map(({ value }) => value) ?? []), ...(olderForms[policy?.value ?? ""] ?? [])];
}

/** All that Vault does not check where the path is denied. */
function checkLimits(rules: Partial<Rules>): Mistake[] {
  const granted = grantedBy(rules);
  const mistakes = [
    ...checkWrappingTtls(rules),
    ...checkControlGroup(rules.control_group, granted),
    ...checkKeysFilter(rules.list_scan_response_keys_filter_path, granted),
  ];
  return isDenied(rules) ? mistakes.map(toWarning) : mistakes;
}

/** OpenBao checks that the template names each key. */
function checkKeysFilter(template: Located<string> | undefined, granted: readonly string[]): Mistake[] {
  if (template === undefined || template.value === "") return [];
  const { value, offset } = template;
  const found = `list_scan_response_keys_filter_path = "${value}"`;
  if (!granted.includes("list")) return [{ offset, found, expected: "the capability list beside it" }];
  return /\{\{[^}]*\.key\b[^}]*\}\}/.test(value) ? [] : [{ offset, found, expected: "a template with {{ .key }}" }];
}
