import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";
import { type FieldChange, isMap, type Values } from "../model/compare.ts";
import { type Difference, dataOf, type Item, type Kind, type Live } from "../model/kind.ts";
import { isInexact } from "../model/numbers.ts";
import type { Section } from "../model/section.ts";
import { bool, json, list, named, object } from "../model/spec.ts";
import { mountsBefore } from "../mount/possible-mounts.ts";
import { hasAll, isSame } from "./same-value.ts";

type Wanted = {
  readonly data?: Values;
  readonly write_only?: Values;
  readonly keep?: boolean;
  readonly open_lists?: string | readonly string[];
};

/** Any of it may be a secret, and any of it a field that names policies. */
const hidden = { secret: true, anything: true, isMap: true };

const spec = object("what a path of Vault's API should hold", {
  data: json("what is read there, compared and written; what Vault tells besides does not count", hidden),
  write_only: json("what is written along with it and never told", { ...hidden, writeOnly: true }),
  keep: bool("what Vault tells besides is written along with it, where a write resets what it does not mention"),
  open_lists: list("keys of data that are lists to which Vault adds"),
  after: list("paths of objects of this configuration that come first"),
});

/**
 * Any path that can be read and written. Vault's form of a value is unknown here, so what means the same counts as the
 * same; and which of them are secret is unknown too, so none shows. Whether a write resets what it does not mention is
 * unknown as well: the plan tells what that may be.
 */
const kind: Kind = {
  name: "path",
  fields: spec.fields as NonNullable<Kind["fields"]>,
  read: (live, item) => read(live, item),
  diff: (item, live) => diff(item, live),
  sideEffects: (item, live) => besides(item, live),
  write: (vault, { item, live }) => write(vault, item, live),
  requiredPaths: ({ path }) => [{ path }],
};

/** Of UI headers Vault tells only the first value, unless it is asked for all. */
async function read(live: Live, { path, desired }: Item): Promise<Values | undefined> {
  const query = path.startsWith("sys/config/ui/headers/") ? "?multivalue=true" : "";
  try {
    return told(path, desired as Wanted, dataOf(await live.once(`${vaultPath(path)}${query}`), path));
  } catch (error) {
    // so Vault says that there is no such header in what it audits
    if (error instanceof VaultError && /^Could not find /.test(error.errors.join())) return undefined;
    throw error;
  }
}

/** What Vault tells, also where it does so by the name of the object: `{"X-Header": {"hmac": true}}`. */
function told(path: string, { data = {} }: Wanted, answer: Values | undefined): Values | undefined {
  const [[key, value] = [], ...others] = Object.entries(answer ?? {});
  const isNamed = key !== undefined && others.length === 0 && path.endsWith(`/${key}`) && !Object.hasOwn(data, key);
  return isNamed && isMap(value) ? value : answer;
}

function diff(item: Item, live: Values | undefined): Difference | undefined {
  const { data = {}, write_only = {}, open_lists = [] } = item.desired as Wanted;
  const open = String(open_lists).split(",");
  const same = (key: string) => (open.includes(key) ? hasAll : isSame)(data[key], live?.[key]);
  const show = (field: string, note: string): FieldChange => ({ field, secret: true, note });
  if (live === undefined) {
    const all = [...keysOf("data", data), ...keysOf("write_only", write_only)];
    return { op: "create", fields: all.map((field) => show(field, "set")) };
  }
  const changed = Object.keys(data).filter((key) => !same(key));
  if (changed.length === 0) return undefined;
  const other = besides(item, live);
  if (other?.op === "refuse") return other;
  const fields = changed.map((key) => show(`data.${key}`, "differs"));
  return { op: "update", fields: [...fields, ...(other?.fields ?? [])] };
}

/** What a write may do to what is not declared. */
function besides(item: Item, live: Values): Difference | undefined {
  const { data = {}, keep } = item.desired as Wanted;
  if (keep) return isInexact(live) ? inexact(item) : undefined;
  const note = "not declared, so perhaps reset";
  return { op: "update", fields: unmentionedIn(data, live, "data").map((field) => ({ field, secret: true, note })) };
}

function keysOf(field: string, values: Values): string[] {
  return Object.keys(values).map((key) => `${field}.${key}`);
}

/** What Vault holds and nobody declared, also in maps within; what is empty or off cannot be lost. */
function unmentionedIn(data: Values, live: Values, at: string): string[] {
  return Object.entries(live).flatMap(([key, value]) => {
    const wanted = data[key];
    if (isMap(wanted) && isMap(value)) return unmentionedIn(wanted, value, `${at}.${key}`);
    return Object.hasOwn(data, key) || isNothing(value) ? [] : [`${at}.${key}`];
  });
}

function isNothing(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

function inexact({ path }: Item): Difference {
  return {
    op: "refuse",
    reason: `path ${path}: it holds a number above 2^53, which writing it along would change`,
    todo: "Leave out `keep`, and declare under `data` all that should stay, that number in quotes.",
  };
}

async function write(vault: Vault, { path, desired }: Item, live: Values = {}): Promise<void> {
  const { data = {}, write_only = {}, keep } = desired as Wanted;
  await vault.write(vaultPath(path), { ...(keep ? over(live, data) : data), ...write_only });
}

/** The living values with the declared ones over them, also in maps within. */
function over(live: Values, data: Values): Values {
  const merged = Object.entries(data).map(([key, value]) => {
    const held = live[key];
    return [key, isMap(value) && isMap(held) ? over(held, value) : value] as const;
  });
  return { ...live, ...Object.fromEntries(merged) };
}

const ownLogin = [
  /^auth\/vault-hooks(\/|$)/,
  /^sys\/(auth|mounts\/auth)\/vault-hooks(\/|$)/,
  /^sys\/(policies\/acl|policy)\/vault-hooks$/,
];

/** What is written there happens each time, and cannot be undone. */
const oneWay = [
  /^sys\/(init|unseal|seal|step-down|remount)(\/|$)/,
  /^sys\/(rekey|generate-root|generate-recovery-token)/,
  /^sys\/(leases\/)?revoke/,
  /^sys\/storage\/raft\/(bootstrap|join|remove-peer|snapshot)/,
  /^auth\/token\/revoke/,
];

/** Vault's own namespace is called root too, and policies have no upper case. */
function whyNot(path: string): string | undefined {
  const plain = path.toLowerCase().replace(/^root\//, "");
  if (ownLogin.some((each) => each.test(plain))) return "vault-hooks itself logs in by it";
  if (oneWay.some((each) => each.test(plain))) return "it is no object that could be kept, but an act without return";
  return undefined;
}

export const raw: Section = {
  kinds: [kind],
  spec: { ...named("path", "any other path of Vault's API", spec), refuse: whyNot },
  compile: (value, { originOf }) =>
    Object.entries(value as Record<string, Values>).map(([path, declared]): Item => {
      const { after = [], ...desired } = declared;
      const first = Array.isArray(after) ? after.map(String) : String(after).split(",");
      return { kind, path, desired, requires: [...mountsBefore(path), ...first], at: originOf(declared) };
    }),
};
