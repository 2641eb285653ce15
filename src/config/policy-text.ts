import { parseDuration } from "../util/duration.ts";
import { nearest } from "../util/nearest.ts";
import { type HclEntry, HclError, type HclValue, parseHcl } from "./hcl.ts";

/** One mistake in a policy's text; `offset` says where. */
export type Mistake = {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly nearest?: string | undefined;
};

const capabilities = [
  ...["create", "read", "update", "patch", "delete", "list", "sudo", "deny"],
  // Vault's events and snapshots, OpenBao's scans
  ...["subscribe", "recover", "scan"],
];
const rules: Readonly<Record<string, HclValue["is"][]>> = {
  capabilities: ["list"],
  policy: ["text"],
  comment: ["text"],
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
 * Reads a policy in HCL or JSON and names what is wrong in it. HCL's grammar covers JSON's.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function checkPolicy(text: string): Mistake[] {
  if (text.trim() === "") return [{ offset: 0, found: "an empty text", expected: "a policy in HCL or JSON" }];
  try {
    const json = text.trimStart().startsWith("{");
    const entries = json ? parseHcl(`policy = ${text}`).flatMap(bodyOf) : parseHcl(text);
    // the prefix above moves every offset of a JSON policy
    const shift = json ? "policy = ".length : 0;
    return checkEntries(entries).map((mistake) => ({ ...mistake, offset: Math.max(0, mistake.offset - shift) }));
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    return [{ offset: error.offset, found: error.message, expected: "a policy in HCL or JSON" }];
  }
}

function bodyOf(entry: HclEntry): readonly HclEntry[] {
  return entry.value.is === "body" ? entry.value.body : [];
}

type PathBlock = { readonly path: string; readonly offset: number; readonly body: readonly HclEntry[] };

function checkEntries(entries: readonly HclEntry[]): Mistake[] {
  const mistakes: Mistake[] = [];
  const blocks: PathBlock[] = [];
  for (const entry of entries) {
    if (entry.key === "path") blocks.push(...pathsOf(entry, mistakes));
    else if (entry.key !== "name") mistakes.push(unknown(entry, ["path", "name"]));
  }
  const seen = new Set<string>();
  for (const block of blocks) {
    // Vault drops a slash at the beginning
    const path = block.path.replace(/^\//, "");
    if (seen.has(path))
      mistakes.push({ offset: block.offset, found: `path "${path}" a second time`, expected: "each path once" });
    seen.add(path);
    mistakes.push(...checkPath(block), ...checkRules(block));
  }
  return mistakes;
}

/** `path "x" { ... }`, or the JSON form `"path": {"x": {...}}`, also as a list of such. */
function pathsOf(entry: HclEntry, mistakes: Mistake[]): PathBlock[] {
  const [label] = entry.labels;
  if (label !== undefined && entry.value.is === "body" && entry.labels.length === 1) {
    return [{ path: label.text, offset: label.offset, body: entry.value.body }];
  }
  const bodies = entry.value.is === "list" ? entry.value.items : [entry.value];
  const inner = bodies.flatMap((each) => (each.is === "body" ? each.body : []));
  if (label !== undefined || bodies.some(({ is }) => is !== "body") || inner.some(({ value }) => value.is !== "body")) {
    mistakes.push({ offset: entry.offset, found: "a path that is no block", expected: 'path "some/path" { ... }' });
    return [];
  }
  return inner.map((each) => ({ path: each.key, offset: each.offset, body: bodyOf(each) }));
}

function checkPath({ path, offset }: PathBlock): Mistake[] {
  const star = path.indexOf("*");
  if (star >= 0 && star < path.length - 1) {
    const expected = "* only at the end; + stands for one part in the middle";
    return [{ offset, found: `path "${path}"`, expected }];
  }
  if (path.includes("+*")) return [{ offset, found: `path "${path}"`, expected: "+ or *, not +*" }];
  return [];
}

function checkRules({ path, offset, body }: PathBlock): Mistake[] {
  const mistakes = body.flatMap(checkRule);
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
  if (entry.key === "capabilities") return checkCapabilities(value);
  if (entry.key === "policy") return checkWord(value, ["read", "write", "sudo", "deny"], "a capability");
  if (entry.key.endsWith("_ttl") && value.is === "text" && parseDuration(value.value) === undefined) {
    return [{ offset: value.offset, found: `"${value.value}"`, expected: "a duration like 90s or 24h" }];
  }
  return [];
}

function checkCapabilities(value: HclValue): Mistake[] {
  if (value.is !== "list") return [];
  const mistakes = value.items.flatMap((item) => checkWord(item, capabilities, "a capability"));
  const words = value.items.flatMap((item) => (item.is === "text" ? [item.value] : []));
  if (words.includes("deny") && words.length > 1) {
    const others = words.filter((word) => word !== "deny").join(", ");
    mistakes.push({
      offset: value.offset,
      found: `deny beside ${others}`,
      expected: "deny alone: it takes everything else away",
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
