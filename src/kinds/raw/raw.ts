import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import type { FieldChange } from "../model/compare.ts";
import { type Difference, dataOf, type Item, type Kind, type LiveReader } from "../model/kind.ts";
import { isInexact } from "../model/numbers.ts";
import type { Section } from "../model/section.ts";
import { bool, jsonMap, list, named, object } from "../model/spec.ts";
import { isMap, type Values } from "../model/values.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";
import { hasAll, isSame } from "./same-value.ts";

type Desired = {
  readonly data?: Values;
  readonly write_only?: Values;
  readonly keep?: boolean;
  readonly open_lists?: string | readonly string[];
};

/** Any value may be a secret, and any field may name policies. */
const hidden = { secret: true, names: "policies within" } as const;

const spec = object("an object at any path of Vault's API", {
  data: jsonMap("fields that are compared and written; other fields that Vault returns are ignored", hidden),
  write_only: jsonMap("fields that are written and never returned", { ...hidden, writeOnly: true }),
  keep: bool("also write the other fields that Vault returns, if a write would reset omitted fields"),
  open_lists: list("keys in data of lists that Vault extends"),
  after: list("paths of declared objects that are written first"),
});

/**
 * Any path that can be read and written. Its schema is unknown, so values of equal meaning are equal, all values are
 * secret, and the plan lists the undeclared fields that a write may reset.
 */
const kind: Kind = {
  name: "path",
  fields: spec.fields as NonNullable<Kind["fields"]>,
  read: (reader, item) => read(reader, item),
  diff: (item, live) => diff(item, live),
  sideEffects: (item, live) => sideEffects(item, live),
  write: (vault, { item, live }) => write(vault, item, live),
  requiredPaths: ({ path }) => [{ path }],
};

/** Vault returns only the first value of a UI header, unless `multivalue` is set. */
async function read(reader: LiveReader, { path, desired }: Item): Promise<Values | undefined> {
  const query = path.startsWith("sys/config/ui/headers/") ? "?multivalue=true" : "";
  try {
    return unwrap(path, desired as Desired, dataOf(await reader.once(`${vaultPath(path)}${query}`), path));
  } catch (error) {
    // Vault's error for a missing audited request header
    if (error instanceof VaultError && /^Could not find /.test(error.errors.join())) return undefined;
    throw error;
  }
}

/** The object's fields, which Vault may return under the object's name: `{"X-Header": {"hmac": true}}`. */
function unwrap(path: string, { data = {} }: Desired, answer: Values | undefined): Values | undefined {
  const [[key, value] = [], ...others] = Object.entries(answer ?? {});
  const isNamed = key !== undefined && others.length === 0 && path.endsWith(`/${key}`) && !Object.hasOwn(data, key);
  return isNamed && isMap(value) ? value : answer;
}

function diff(item: Item, live: Values | undefined): Difference | undefined {
  const { data = {}, write_only = {}, open_lists = [] } = item.desired as Desired;
  const open = String(open_lists).split(",");
  const same = (key: string) => (open.includes(key) ? hasAll : isSame)(data[key], live?.[key]);
  const show = (field: string, note: string): FieldChange => ({ field, secret: true, note });
  if (live === undefined) {
    const all = [...keysOf("data", data), ...keysOf("write_only", write_only)];
    return { op: "create", fields: all.map((field) => show(field, "set")) };
  }
  const changed = Object.keys(data).filter((key) => !same(key));
  if (changed.length === 0) return undefined;
  const effects = sideEffects(item, live);
  if (effects?.op === "refuse") return effects;
  const fields = changed.map((key) => show(`data.${key}`, "differs"));
  return { op: "update", fields: [...fields, ...(effects?.fields ?? [])] };
}

/** The undeclared fields that a write may reset; a refusal if it would change one. */
function sideEffects(item: Item, live: Values): Difference | undefined {
  const { data = {}, keep } = item.desired as Desired;
  if (keep) return isInexact(live) ? inexact(item) : undefined;
  const note = "not declared, so perhaps reset";
  return { op: "update", fields: undeclaredIn(data, live, "data").map((field) => ({ field, secret: true, note })) };
}

function keysOf(field: string, values: Values): string[] {
  return Object.keys(values).map((key) => `${field}.${key}`);
}

/** Live fields that are not declared, also in nested maps. Empty and false values are skipped, because they cannot be lost. */
function undeclaredIn(data: Values, live: Values, at: string): string[] {
  return Object.entries(live).flatMap(([key, value]) => {
    const desired = data[key];
    if (isMap(desired) && isMap(value)) return undeclaredIn(desired, value, `${at}.${key}`);
    return Object.hasOwn(data, key) || isEmpty(value) ? [] : [`${at}.${key}`];
  });
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

function inexact({ path }: Item): Difference {
  return {
    op: "refuse",
    reason: `path ${path}: it holds an integer above 2^53, which a write would change`,
    todo: "Remove `keep`, and declare all fields to keep under `data`, with that integer in quotes.",
  };
}

async function write(vault: Vault, { path, desired }: Item, live: Values = {}): Promise<void> {
  const { data = {}, write_only = {}, keep } = desired as Desired;
  await vault.write(vaultPath(path), { ...(keep ? overlay(live, data) : data), ...write_only });
}

/** The live values, overlaid with the declared ones, also in nested maps. */
function overlay(live: Values, data: Values): Values {
  const merged = Object.entries(data).map(([key, value]) => {
    const current = live[key];
    return [key, isMap(value) && isMap(current) ? overlay(current, value) : value] as const;
  });
  return { ...live, ...Object.fromEntries(merged) };
}

const ownLogin = [
  /^auth\/vault-hooks(\/|$)/,
  /^sys\/(auth|mounts\/auth)\/vault-hooks(\/|$)/,
  /^sys\/(policies\/acl|policy)\/vault-hooks(-plan)?$/,
];

/** Paths where each write is an irreversible action. */
const irreversible = [
  /^sys\/(init|unseal|seal|step-down|remount)(\/|$)/,
  /^sys\/(rekey|generate-root|generate-recovery-token)/,
  // when the keyring is rotated by itself is an object
  /^sys\/rotate(\/(?!config$)|$)/,
  // a secondary is enabled over all of its data; which paths are replicated is an object
  /^sys\/replication\/(?!.*\/paths-filter\/)/,
  /^sys\/(leases\/)?revoke/,
  /^sys\/storage\/raft\/(bootstrap|join|remove-peer|snapshot)/,
  /^auth\/token\/revoke/,
];

/** @returns why the path may not be declared. Ignores the prefix `root/`, and case, since policy names are lower case */
function refusalOf(path: string): string | undefined {
  const plain = path.toLowerCase().replace(/^root\//, "");
  if (ownLogin.some((each) => each.test(plain))) return "it belongs to vault-hooks' own login";
  if (irreversible.some((each) => each.test(plain))) return "it is an irreversible action, not an object";
  return undefined;
}

export const raw: Section = {
  kinds: [kind],
  spec: { ...named("path", "objects at any other path of Vault's API", spec), refuse: refusalOf },
  compile: (value, { originOf }) =>
    Object.entries(value as Record<string, Values>).map(([path, declared]): Item => {
      const { after = [], ...desired } = declared;
      const first = Array.isArray(after) ? after.map(String) : String(after).split(",");
      return { kind, path, desired, requires: [...mountsBefore(path), ...first], at: originOf(declared) };
    }),
};
