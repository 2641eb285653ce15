import { parseDuration } from "../../util/duration.ts";
import { nearest } from "../../util/nearest.ts";
import { type Mistake, unknownKey } from "./mistake.ts";
import type { HclEntry, HclValue } from "./parse.ts";

const capabilities = [
  ...["create", "read", "update", "patch", "delete", "list", "sudo", "deny"],
  // for events and snapshots in Vault, and scans in OpenBao
  ...["subscribe", "recover", "scan"],
];

/** The keys in the block of a path, with the types of their values. */
const typesOfRules: Readonly<Record<string, HclValue["is"][]>> = {
  capabilities: ["list"],
  policy: ["string"],
  comment: ["string", "number", "boolean"],
  allowed_parameters: ["block"],
  denied_parameters: ["block"],
  required_parameters: ["list"],
  min_wrapping_ttl: ["string", "number"],
  max_wrapping_ttl: ["string", "number"],
  mfa_methods: ["list"],
  control_group: ["block"],
  subscribe_event_types: ["list"],
  expiration: ["string"],
  pagination_limit: ["number"],
  list_scan_response_keys_filter_path: ["string"],
  response_keys_filter_path: ["string"],
};

const checksOfRules: Readonly<Record<string, (value: HclValue, key: string) => Mistake[]>> = {
  capabilities: checkCapabilities,
  policy: (value) => checkOneOf(value, ["read", "write", "sudo", "deny"]),
  allowed_parameters: checkParameters,
  denied_parameters: checkParameters,
  required_parameters: checkStringList,
  mfa_methods: checkStringList,
  subscribe_event_types: checkStringList,
  min_wrapping_ttl: checkDuration,
  max_wrapping_ttl: checkDuration,
};

/**
 * Checks the block of a path in a policy.
 * @param offset where the path is
 */
export function checkRules(path: string, offset: number, rules: readonly HclEntry[]): Mistake[] {
  const mistakes = [...rules.flatMap(checkRule), ...checkWrappingTtls(rules)];
  const keys = new Set<string>();
  for (const { key, offset: at } of rules) {
    if (keys.has(key)) mistakes.push({ offset: at, found: `a duplicate ${key}`, expected: "each key once" });
    keys.add(key);
  }
  if (!keys.has("capabilities") && !keys.has("policy")) {
    mistakes.push({ offset, found: `path "${path}" without capabilities`, expected: 'capabilities = ["read", ...]' });
  }
  return mistakes;
}

function checkRule(entry: HclEntry): Mistake[] {
  const { key, value } = entry;
  const allowed = Object.hasOwn(typesOfRules, key) ? typesOfRules[key] : undefined;
  if (allowed === undefined) return [unknownKey(entry, Object.keys(typesOfRules))];
  if (!allowed.includes(value.is)) {
    return [{ offset: value.offset, found: `a ${value.is}`, expected: `a ${allowed.join(" or ")} for ${key}` }];
  }
  return checksOfRules[key]?.(value, key) ?? [];
}

function checkCapabilities(value: HclValue): Mistake[] {
  if (value.is !== "list") return [];
  const mistakes = value.items.flatMap((item) => checkOneOf(item, capabilities));
  const words = stringsIn(value);
  if (words.includes("deny") && words.length > 1) {
    const others = words.filter((word) => word !== "deny").join(", ");
    const expected = "deny alone, because it overrides the others";
    mistakes.push({ offset: value.offset, found: `deny together with ${others}`, expected, isWarning: true });
  }
  return mistakes;
}

function checkOneOf(value: HclValue, words: readonly string[]): Mistake[] {
  if (value.is === "string" && words.includes(value.value)) return [];
  const found = value.is === "string" ? `"${value.value}"` : `a ${value.is}`;
  const near = value.is === "string" ? nearest(value.value, words) : undefined;
  return [{ offset: value.offset, found, expected: `one of ${words.join(", ")}`, nearest: near }];
}

function checkParameters(value: HclValue): Mistake[] {
  const entries = value.is === "block" ? value.entries : [];
  return entries.flatMap(({ key, value: { is, offset } }) =>
    is === "list" || is === "block" ? [] : [{ offset, found: `a ${is}`, expected: `a list of values for ${key}` }],
  );
}

function checkStringList(value: HclValue, key: string): Mistake[] {
  return value.is === "list" ? value.items.flatMap((item) => checkSingleValue(item, `a string in ${key}`)) : [];
}

/** Checks for a string, number or boolean; Vault accepts all three as a string. */
export function checkSingleValue({ is, offset }: HclValue, expected: string): Mistake[] {
  return is === "list" || is === "block" ? [{ offset, found: `a ${is}`, expected }] : [];
}

function checkDuration(value: HclValue): Mistake[] {
  if (value.is !== "string" || parseDuration(value.value) !== undefined) return [];
  return [{ offset: value.offset, found: `"${value.value}"`, expected: "a duration like 90s or 24h" }];
}

/** Reports a maximum wrapping TTL below the minimum. Vault ignores both if the path is denied. */
function checkWrappingTtls(rules: readonly HclEntry[]): Mistake[] {
  const ruleFor = (key: string) => rules.find((entry) => entry.key === key)?.value;
  const maximum = ruleFor("max_wrapping_ttl");
  if (maximum === undefined) return [];
  const policy = ruleFor("policy");
  const isDenied =
    (policy?.is === "string" && policy.value === "deny") || stringsIn(ruleFor("capabilities")).includes("deny");
  const [min, max] = [secondsIn(ruleFor("min_wrapping_ttl")), secondsIn(maximum)];
  if (isDenied || max <= 0 || max >= min) return [];
  const found = "max_wrapping_ttl below min_wrapping_ttl";
  return [{ offset: maximum.offset, found, expected: "at least min_wrapping_ttl" }];
}

function secondsIn(value: HclValue | undefined): number {
  if (value?.is === "number") return value.value;
  return value?.is === "string" ? (parseDuration(value.value) ?? 0) / 1000 : 0;
}

function stringsIn(value: HclValue | undefined): string[] {
  return value?.is === "list" ? value.items.flatMap((item) => (item.is === "string" ? [item.value] : [])) : [];
}
