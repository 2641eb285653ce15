import { RefusedError } from "../../errors.ts";
import type { Answer, Vault } from "../../vault/client.ts";
import type { FieldChange } from "./compare.ts";
import type { SecretUse } from "./secret-reference.ts";
import type { Spec } from "./spec.ts";
import { isMap, type Values } from "./values.ts";

/** The place of a declaration. Lines and columns count from 1; what the program itself declares has line 0. */
export type Origin = { readonly file: string; readonly line: number; readonly column: number };

/** One object that Vault should hold. */
export type Item = {
  readonly kind: Kind;
  /** Unique, and as people and policies write it: `auth/demo-auth-mount/role/role1`. */
  readonly path: string;
  /** Vault's own identity of the object, where that differs from its path: two items with the same one are one object. */
  readonly sameAs?: string;
  /** A contradiction to the declarations around it. */
  readonly invalid?: { readonly found: string; readonly expected: string };
  readonly desired: Values;
  /** The path of the mount that contains it. Without the mount there is nothing to read. Always a predecessor too. */
  readonly within?: string;
  /** Paths of other objects that come first, if they are declared. */
  readonly requires?: readonly string[];
  /** References to objects whose ids Vault must return first: `{{accessor:auth/demo}}`. */
  readonly references?: readonly string[];
  /** The places in `desired` whose values come from Kubernetes Secrets, also when those have been read. */
  readonly secrets?: readonly SecretUse[];
  /** Its namespace; undefined for Vault's root namespace. */
  readonly namespace?: string;
  /** The policies that it names. */
  readonly policies?: readonly string[];
  readonly at: Origin;
};

/** A planned write of one object, as data. */
export type Change = {
  readonly op: "create" | "update";
  readonly item: Item;
  readonly fields: readonly FieldChange[];
  readonly live: Values | undefined;
};

/** Why an object is not touched: the change would lose data. */
export type Refusal = { readonly item: Item; readonly reason: string; readonly todo: string };

export type Difference =
  | { readonly op: "create" | "update"; readonly fields: readonly FieldChange[] }
  | { readonly op: "refuse"; readonly reason: string; readonly todo: string };

/** A path that a run writes to, and whether its token needs sudo there. */
type RequiredPath = { readonly path: string; readonly sudo?: boolean };

/** Read access to Vault. `once` may send each request only once (`cachedReader`) or every time (`uncachedReader`). */
export type LiveReader = { readonly vault: Vault; once(path: string): Promise<Answer | undefined> };

/** @returns read access that sends a request for each read */
export function uncachedReader(vault: Vault): LiveReader {
  return { vault, once: (path) => vault.read(path) };
}

/** One kind of Vault object. `diff` is pure; `read` and `write` send requests. */
export type Kind = {
  /** Singular, for people: "policy", "auth mount". */
  readonly name: string;
  /** The description of `desired`, if it consists of fields. */
  readonly fields?: Readonly<Record<string, Spec>>;
  /** Vault never returns it, so a read does not show whether a write was done. */
  readonly unreadable?: boolean;
  /** @returns write-only fields that Vault has rotated on its own. If the ledger does not know one, it is recorded, not written. */
  rotated?(live: Values): readonly string[];
  /** @returns undefined if there is no such object */
  read(reader: LiveReader, item: Item): Promise<Values | undefined>;
  /**
   * For a kind whose `read` needs more than the path.
   * @returns whether Vault has an object that is no longer declared
   */
  exists?(reader: LiveReader, path: string): Promise<boolean>;
  /** @returns undefined if there is nothing to do */
  diff(item: Item, live: Values | undefined): Difference | undefined;
  /** Side effects of a write on other fields, shown in the plan; or a refusal. */
  sideEffects?(item: Item, live: Values): Difference | undefined;
  /** @param change a planned change of a predecessor. @returns whether it deletes this object, which must be created again */
  invalidatedBy?(change: Change): boolean;
  write(vault: Vault, change: Change): Promise<void>;
  /** @returns the paths that a write of the item needs */
  requiredPaths(item: Item): readonly RequiredPath[];
  /** Its writes disturb other requests in flight, so they run first, one at a time. */
  readonly runsFirst?: boolean;
  /** Whether only one run at a time may write this change, since the write is not atomic in Vault. */
  exclusive?(change: Change): boolean;
};

/**
 * @returns the `data` of an answer; undefined for no answer
 * @throws RefusedError if the answer has no `data`
 */
export function dataOf(answer: Answer | undefined, path: string): Values | undefined {
  if (answer === undefined) return undefined;
  return valuesOf(answer["data"], path);
}

/** @returns the value as a map. @throws RefusedError if it is not a map */
export function valuesOf(value: unknown, path: string): Values {
  if (isMap(value)) return value;
  throw new RefusedError(`read ${path}: the response has an unknown format`, {
    todo: "Check that docs/compatibility.md lists your version of Vault; nothing was changed there.",
  });
}
