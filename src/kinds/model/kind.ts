import { RefusedError } from "../../errors.ts";
import type { Answer, Vault } from "../../vault/client.ts";
import type { FieldChange } from "./compare.ts";
import type { Spec } from "./spec.ts";
import type { Values } from "./values.ts";

/** Where something was declared. Lines and columns count from 1; what the program itself declares has line 0. */
export type Origin = { readonly file: string; readonly line: number; readonly column: number };

/** One object that Vault should hold. */
export type Item = {
  readonly kind: Kind;
  /** Unique, and as people and policies write it: `auth/demo-auth-mount/role/role1`. */
  readonly path: string;
  /** What Vault knows it by, where that is not its path: two that share it are one object. */
  readonly sameAs?: string;
  /** Why it cannot be with what is declared around it. */
  readonly invalid?: { readonly found: string; readonly expected: string };
  readonly desired: Values;
  /** The mount that it lives in: without it there is nothing to read. Always a dependency too. */
  readonly within?: string;
  /** Paths of other objects that come first, where they are declared too. */
  readonly requires?: readonly string[];
  /** Objects that it names and whose ids Vault must tell first: `{{accessor:auth/demo}}`. */
  readonly references?: readonly string[];
  /** The namespace that it lives in; none is Vault's own. */
  readonly namespace?: string;
  /** The policies that it names. */
  readonly policies?: readonly string[];
  readonly at: Origin;
};

/** What must be done to one object, as data. */
export type Change = {
  readonly op: "create" | "update";
  readonly item: Item;
  readonly fields: readonly FieldChange[];
  readonly live: Values | undefined;
};

/** Why an object is not touched: what was asked for would lose data. */
export type Refusal = { readonly item: Item; readonly reason: string; readonly todo: string };

export type Difference =
  | { readonly op: "create" | "update"; readonly fields: readonly FieldChange[] }
  | { readonly op: "refuse"; readonly reason: string; readonly todo: string };

/** A path that will be written to, and what a token needs there. */
type Need = { readonly path: string; readonly sudo?: boolean };

/** The living Vault. What `once` answers may be shared by all that are read from it (`viewOf`), or be asked for at each look (`unbuffered`). */
export type Live = { readonly vault: Vault; once(path: string): Promise<Answer | undefined> };

/** Vault as it is at each look. */
export function unbuffered(vault: Vault): Live {
  return { vault, once: (path) => vault.read(path) };
}

/** One kind of Vault object. `diff` is pure; `read` and `write` send requests. */
export type Kind = {
  /** As people call it: "policy", "auth mount". */
  readonly name: string;
  /** What `desired` is made of, where it is made of fields. */
  readonly fields?: Readonly<Record<string, Spec>>;
  /** Vault tells nothing of it, so no look at it shows whether a write was done. */
  readonly unreadable?: boolean;
  /** Write-only fields that Vault has replaced by itself: one of which the ledger knows nothing is recorded, and not written. */
  rotated?(live: Values): readonly string[];
  /** @returns undefined where there is no such object */
  read(live: Live, item: Item): Promise<Values | undefined>;
  /** @returns undefined where nothing is to be done */
  diff(item: Item, live: Values | undefined): Difference | undefined;
  /** What a write does to other than the fields that differ, where that is to be told; a refusal where it must not be done. */
  sideEffects?(item: Item, live: Values): Difference | undefined;
  /** Whether this change of an object that it comes after, which is planned, makes it missing again. */
  invalidatedBy?(change: Change): boolean;
  write(vault: Vault, change: Change): Promise<void>;
  requiredPaths(item: Item): readonly Need[];
  /** Its writes disturb other requests that are under way, so they come first, one at a time. */
  readonly runsFirst?: boolean;
  /** Writes of this kind are no single step for Vault, so only one run at a time may do them. */
  exclusive?(change: Change): boolean;
};

/** The `data` of an answer. @throws RefusedError where it has none: Vault answered in a form that is unknown here */
export function dataOf(answer: Answer | undefined, path: string): Values | undefined {
  if (answer === undefined) return undefined;
  return valuesOf(answer["data"], path);
}

export function valuesOf(value: unknown, path: string): Values {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Values;
  throw new RefusedError(`read ${path}: Vault answered in a form that is unknown to vault-hooks`, {
    todo: "Compare Vault's version with those in docs/compatibility.md; nothing was changed there.",
  });
}
