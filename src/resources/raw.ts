import { isDeepStrictEqual } from "node:util";
import { parseDuration } from "../util/duration.ts";
import { vaultPath } from "../vault/path.ts";
import type { FieldChange, Values } from "./compare.ts";
import { dataOf, type Item, type Kind } from "./kind.ts";
import { mountsBefore } from "./mount-before.ts";
import type { Part } from "./part.ts";
import { json, list, named, object } from "./spec.ts";

type Wanted = { readonly data?: Values; readonly write_only?: Values };

/** Any of it may be a secret, and any of it a field that names policies. */
const hidden = { secret: true, anything: true };

const spec = object("what a path of Vault's API should hold", {
  data: json("what is read there, compared and written; what Vault tells besides does not count", hidden),
  write_only: json("what is written along with it and never told", { ...hidden, writeOnly: true }),
  after: list("paths of objects of this configuration that come first"),
});

/**
 * Any path that can be read and written. Vault's form of a value is unknown here, so what means the same counts as the
 * same; and which of them are secret is unknown too, so none shows.
 */
const kind: Kind = {
  name: "path",
  fields: spec.fields as NonNullable<Kind["fields"]>,
  async read(live, item) {
    return dataOf(await live.once(vaultPath(item.path)), item.path);
  },
  diff(item, live) {
    const { data = {}, write_only = {} } = item.desired as Wanted;
    const changed = Object.keys(data).filter((key) => live === undefined || !isSame(data[key], live[key]));
    const unseen = live === undefined ? Object.keys(write_only) : [];
    if (live !== undefined && changed.length === 0) return undefined;
    const show = (field: string): FieldChange => ({
      field,
      secret: true,
      note: live === undefined ? "set" : "differs",
    });
    return {
      op: live === undefined ? "create" : "update",
      fields: [...changed.map((key) => show(`data.${key}`)), ...unseen.map((key) => show(`write_only.${key}`))],
    };
  },
  async write(vault, { item }) {
    const { data = {}, write_only = {} } = item.desired as Wanted;
    await vault.write(vaultPath(item.path), { ...data, ...write_only });
  },
  needs: ({ path }) => [{ path }],
};

/** Whether Vault's value means what was declared: "5" is 5, 24h is 86400, "a,b" is [a, b]; of a map only what is declared counts. */
function isSame(desired: unknown, live: unknown): boolean {
  if (isDeepStrictEqual(desired, live)) return true;
  if (Array.isArray(desired)) return sameList(desired, typeof live === "string" ? live.split(",") : live);
  if (typeof desired === "object" && desired !== null) return sameMap(desired as Values, live);
  if (typeof desired === "string" && Array.isArray(live)) return sameList(desired.split(","), live);
  return sameText(desired, live);
}

function sameList(desired: readonly unknown[], live: unknown): boolean {
  if (live === null || live === undefined) return desired.length === 0;
  return Array.isArray(live) && live.length === desired.length && desired.every((each, i) => isSame(each, live[i]));
}

function sameMap(desired: Values, live: unknown): boolean {
  const held = (live ?? {}) as Values;
  return typeof held === "object" && Object.keys(desired).every((key) => isSame(desired[key], held[key]));
}

function sameText(desired: unknown, live: unknown): boolean {
  const plain = (value: unknown) => (value === undefined || value === null ? "" : String(value).trim());
  if (typeof live === "object" && live !== null) return false;
  if (plain(desired) === plain(live)) return true;
  const ms = typeof live === "number" ? parseDuration(plain(desired)) : undefined;
  return ms !== undefined && ms / 1000 === live;
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

export const raw: Part = {
  kinds: [kind],
  spec: { ...named("path", "any other path of Vault's API", spec), refuse: whyNot },
  compile: (value, { originOf }) =>
    Object.entries(value as Record<string, Values>).map(([path, declared]): Item => {
      const { after = [], ...desired } = declared;
      const first = Array.isArray(after) ? after.map(String) : String(after).split(",");
      return { kind, path, desired, requires: [...mountsBefore(path), ...first], at: originOf(declared) };
    }),
};
