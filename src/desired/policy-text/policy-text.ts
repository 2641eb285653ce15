import { referencesIn } from "../../kinds/model/reference.ts";
import { parseDuration } from "../../util/duration.ts";
import { nearest } from "../../util/nearest.ts";
import { type HclEntry, HclError, type HclValue, isJson, parseHcl } from "./hcl.ts";

/** One mistake in a policy's text, or what is probably one; `offset` says where. */
export type Mistake = {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly nearest?: string | undefined;
  /** Vault takes it, and a policy that was made before must be adopted as it is: to be warned of. */
  readonly harmless?: true;
};

const capabilities = [
  ...["create", "read", "update", "patch", "delete", "list", "sudo", "deny"],
  // Vault's events and snapshots, OpenBao's scans
  ...["subscribe", "recover", "scan"],
];
const rules: Readonly<Record<string, HclValue["is"][]>> = {
  capabilities: ["list"],
  policy: ["text"],
  comment: ["text", "number", "bool"],
  allowed_parameters: ["body"],
  denied_parameters: ["body"],
  required_parameters: ["list"],
  min_wrapping_ttl: ["text", "number"],
  max_wrapping_ttl: ["text", "number"],
  mfa_methods: ["list"],
  control_group: ["body"],
  subscribe_event_types: ["list"],
  expiration: ["text"],
  pagination_limit: ["number"],
  list_scan_response_keys_filter_path: ["text"],
  response_keys_filter_path: ["text"],
};

/**
 * Reads a policy in HCL or JSON and names what Vault would refuse in it, and what is probably not meant.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function checkPolicy(text: string): Mistake[] {
  if (text.trim() === "") return [{ offset: 0, found: "an empty text", expected: "a policy in HCL or JSON" }];
  try {
    return checkEntries(parseHcl(text), isJson(text));
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    return [{ offset: error.offset, found: error.message, expected: "a policy in HCL or JSON" }];
  }
}

type PathBlock = { readonly path: string; readonly offset: number; readonly body: readonly HclEntry[] };

function checkEntries(entries: readonly HclEntry[], json: boolean): Mistake[] {
  const mistakes: Mistake[] = [];
  const blocks: PathBlock[] = [];
  for (const entry of entries) {
    if (entry.key === "path") blocks.push(...(json ? jsonPathsOf : hclPathsOf)(entry, mistakes));
    else if (entry.key !== "name") mistakes.push(unknown(entry, ["path", "name"]));
    else mistakes.push(...checkPlain(entry.value, "the name"));
  }
  const seen = new Set<string>();
  for (const block of blocks) {
    // Vault drops a slash at the beginning
    const path = block.path.replace(/^\//, "");
    if (seen.has(path)) {
      const found = `path "${path}" a second time`;
      mistakes.push({ offset: block.offset, found, expected: "each path once: Vault merges them", harmless: true });
    }
    seen.add(path);
    mistakes.push(...checkPath(block), ...checkRules(block));
  }
  return mistakes;
}

const noBlock = { found: "a path that is no block", expected: 'path "some/path" { ... }' };

/** `path "x" { ... }` */
function hclPathsOf({ labels, value, offset }: HclEntry, mistakes: Mistake[]): PathBlock[] {
  const [label, ...others] = labels;
  if (label !== undefined && others.length === 0 && value.is === "body") {
    return [{ path: label.text, offset: label.offset, body: value.body }];
  }
  mistakes.push({ offset, ...noBlock });
  return [];
}

/** `"path": {"x": {...}}`, or a list of such. */
function jsonPathsOf({ value, offset }: HclEntry, mistakes: Mistake[]): PathBlock[] {
  const bodies = value.is === "list" ? value.items : [value];
  const inner = bodies.flatMap((each) => (each.is === "body" ? each.body : []));
  if (bodies.length === 0 || [...bodies, ...inner.map((each) => each.value)].some(({ is }) => is !== "body")) {
    mistakes.push({ offset, ...noBlock });
    return [];
  }
  return inner.map((each) => ({ path: each.key, offset: each.offset, body: bodyOf(each.value) }));
}

function bodyOf(value: HclValue): readonly HclEntry[] {
  return value.is === "body" ? value.body : [];
}

function checkPath({ path, offset }: PathBlock): Mistake[] {
  const star = path.indexOf("*");
  if (star >= 0 && star < path.length - 1) {
    const expected = "* only at the end; + stands for one part in the middle";
    return [{ offset, found: `path "${path}"`, expected }];
  }
  if (path.includes("+*")) return [{ offset, found: `path "${path}"`, expected: "+ or *, not +*" }];
  if (!path.includes("{{") && !path.includes("}}")) return [];
  // what vault-hooks puts an id in the place of, before Vault sees it
  const known = referencesIn(path).reduce((so, reference) => so.replaceAll(reference, "id"), path);
  const [before = "", ...pieces] = known.split("{{");
  if (before.includes("}}") || pieces.some((piece) => piece.split("}}").length !== 2)) {
    return [{ offset, found: `path "${path}"`, expected: "one }} after each {{" }];
  }
  return [];
}

function checkRules({ path, offset, body }: PathBlock): Mistake[] {
  const mistakes = [...body.flatMap(checkRule), ...checkWrapping(body)];
  const names = new Set<string>();
  for (const { key, offset: at } of body) {
    if (names.has(key)) mistakes.push({ offset: at, found: `${key} a second time`, expected: "it once" });
    names.add(key);
  }
  if (!names.has("capabilities") && !names.has("policy")) {
    mistakes.push({ offset, found: `path "${path}" without capabilities`, expected: 'capabilities = ["read", ...]' });
  }
  return mistakes;
}

function checkRule(entry: HclEntry): Mistake[] {
  const allowed = Object.hasOwn(rules, entry.key) ? rules[entry.key] : undefined;
  if (allowed === undefined) return [unknown(entry, Object.keys(rules))];
  const { value } = entry;
  if (!allowed.includes(value.is)) {
    return [{ offset: value.offset, found: `a ${value.is}`, expected: `${entry.key} to be a ${allowed.join(" or ")}` }];
  }
  return checks[entry.key]?.(value, entry.key) ?? [];
}

const checks: Readonly<Record<string, (value: HclValue, key: string) => Mistake[]>> = {
  capabilities: checkCapabilities,
  policy: (value) => checkWord(value, ["read", "write", "sudo", "deny"], "a capability"),
  allowed_parameters: checkParameters,
  denied_parameters: checkParameters,
  required_parameters: checkNames,
  mfa_methods: checkNames,
  subscribe_event_types: checkNames,
  min_wrapping_ttl: checkDuration,
  max_wrapping_ttl: checkDuration,
};

function checkParameters(value: HclValue): Mistake[] {
  return bodyOf(value).flatMap(({ key, value: { is, offset } }) =>
    is === "list" || is === "body" ? [] : [{ offset, found: `a ${is}`, expected: `${key} to have a list of values` }],
  );
}

function checkNames(value: HclValue, key: string): Mistake[] {
  return value.is === "list" ? value.items.flatMap((item) => checkPlain(item, `each of ${key}`)) : [];
}

function checkPlain({ is, offset }: HclValue, what: string): Mistake[] {
  return is === "list" || is === "body" ? [{ offset, found: `a ${is}`, expected: `${what} to be a text` }] : [];
}

function checkDuration(value: HclValue): Mistake[] {
  if (value.is !== "text" || parseDuration(value.value) !== undefined) return [];
  return [{ offset: value.offset, found: `"${value.value}"`, expected: "a duration like 90s or 24h" }];
}

/** Where a path is denied, Vault looks at nothing else. */
function checkWrapping(body: readonly HclEntry[]): Mistake[] {
  const held = (key: string) => body.find((entry) => entry.key === key)?.value;
  const most = held("max_wrapping_ttl");
  if (most === undefined) return [];
  const [least, older] = [held("min_wrapping_ttl"), held("policy")];
  const denied = (older?.is === "text" && older.value === "deny") || wordsOf(held("capabilities")).includes("deny");
  const [min, max] = [secondsOf(least), secondsOf(most)];
  if (denied || max <= 0 || max >= min) return [];
  return [{ offset: most.offset, found: "max_wrapping_ttl below min_wrapping_ttl", expected: "at least as much" }];
}

function secondsOf(value: HclValue | undefined): number {
  if (value?.is === "number") return value.value;
  return value?.is === "text" ? (parseDuration(value.value) ?? 0) / 1000 : 0;
}

function wordsOf(value: HclValue | undefined): string[] {
  return value?.is === "list" ? value.items.flatMap((item) => (item.is === "text" ? [item.value] : [])) : [];
}

function checkCapabilities(value: HclValue): Mistake[] {
  if (value.is !== "list") return [];
  const mistakes = value.items.flatMap((item) => checkWord(item, capabilities, "a capability"));
  const words = wordsOf(value);
  if (words.includes("deny") && words.length > 1) {
    const others = words.filter((word) => word !== "deny").join(", ");
    mistakes.push({
      offset: value.offset,
      found: `deny beside ${others}`,
      expected: "deny alone: it takes everything else away",
      harmless: true,
    });
  }
  return mistakes;
}

function checkWord(value: HclValue, words: readonly string[], what: string): Mistake[] {
  if (value.is === "text" && words.includes(value.value)) return [];
  const found = value.is === "text" ? `"${value.value}"` : `a ${value.is}`;
  const near = value.is === "text" ? nearest(value.value, words) : undefined;
  return [{ offset: value.offset, found, expected: `${what}: ${words.join(", ")}`, nearest: near }];
}

function unknown({ key, offset }: HclEntry, known: readonly string[]): Mistake {
  return {
    offset,
    found: `the unknown key ${key}`,
    expected: `one of ${known.join(", ")}`,
    nearest: nearest(key, known),
  };
}
