import type { Field } from "./fields/field.ts";

export { base64String } from "./fields/base64.ts";
export { bool } from "./fields/bool.ts";
export { cidrs } from "./fields/cidrs.ts";
export { connectionUrl } from "./fields/connection-url.ts";
export { duration } from "./fields/duration.ts";
export type { Field } from "./fields/field.ts";
export { fileName } from "./fields/file-name.ts";
export { int } from "./fields/int.ts";
export { json, jsonMap } from "./fields/json.ts";
export { jsonText } from "./fields/json-text.ts";
export { list } from "./fields/list.ts";
export { map } from "./fields/map.ts";
export { numberLists } from "./fields/number-lists.ts";
export { policyText } from "./fields/policy-text.ts";
export { string } from "./fields/string.ts";

/**
 * The language that describes every Vault kind (docs/adr/0014-schema-language.md). One description serves the check of a
 * configuration, the comparison with Vault, the JSON Schema and the reference in docs/.
 */

type Described = { readonly describe: string };

export type ObjectSpec = Described & {
  readonly type: "object";
  readonly fields: Readonly<Record<string, Spec>>;
  /** Older names that Vault also takes, each with the name it is stored under. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** One of these must be given, and only one. */
  readonly oneOf?: readonly string[];
  /** Of each of these groups at least one must be given: without it Vault makes none. */
  readonly someOf?: readonly (readonly string[])[];
  /** Groups of ways of which Vault takes one alone: each its field, and those that belong to it. One declared displaces the living one. */
  readonly exclusive?: readonly (readonly (readonly [string, ...string[]])[])[];
  /** By a field and a value of it: what Vault does not take with that. Once the field is given that value, the living ones give way. */
  readonly excludes?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Its parts may stand in different files; any other object stands in one. */
  readonly split?: boolean;
};

export type NamedSpec = Described & {
  readonly type: "named";
  /** What one of them is called: "policy", "role". */
  readonly noun: string;
  readonly of: Spec;
  /** Names that are not to be had, each with the reason. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** The same where they cannot be listed: @returns the reason, or undefined for a name that may be had. */
  readonly refuse?: (name: string) => string | undefined;
};

/** An object whose fields depend on the value of its field `type`. */
export type VariantSpec = Described & {
  readonly type: "variant";
  readonly of: Readonly<Record<string, ObjectSpec>>;
};

/** `{key: ...}` and nothing else means `tagged`; everything else is `other`. */
export type TaggedSpec = Described & {
  readonly type: "tagged";
  readonly key: string;
  readonly tagged: ObjectSpec;
  readonly other: Field;
};

export type Spec = Field | ObjectSpec | NamedSpec | VariantSpec | TaggedSpec;

export function object(
  describe: string,
  fields: ObjectSpec["fields"],
  options: Omit<ObjectSpec, "type" | "describe" | "fields"> = {},
): ObjectSpec {
  return { type: "object", describe, fields, ...options };
}

export function named(what: string, describe: string, of: Spec, reserved?: NamedSpec["reserved"]): NamedSpec {
  return { type: "named", noun: what, describe, of, ...(reserved === undefined ? {} : { reserved }) };
}

export function isField(spec: Spec): spec is Field {
  return typeof spec.type !== "string";
}
