import type { Fault, Field } from "./fields/field.ts";

export { apiPath } from "./fields/api-path.ts";
export { authMount, authMounts } from "./fields/auth-mount.ts";
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
export { time } from "./fields/time.ts";

type Described = { readonly describe: string };

export type ObjectSpec = Described & {
  readonly type: "object";
  readonly fields: Readonly<Record<string, Spec>>;
  /** Older names that Vault also takes, each with the current name. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Exactly one of these is required. */
  readonly oneOf?: readonly string[];
  /** At least one field of each group is required by Vault. */
  readonly someOf?: readonly (readonly string[])[];
  /**
   * Mutually exclusive groups of fields. Declaring one clears the others in Vault. The first field of a group selects it; the
   * others belong to it.
   */
  readonly exclusive?: readonly (readonly (readonly [string, ...string[]])[])[];
  /** By field and value: fields that Vault does not accept with that value. Setting the value clears them in Vault. */
  readonly excludes?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Its parts may be declared in different files. Any other object is declared in one file. */
  readonly split?: boolean;
};

export type NamedSpec = Described & {
  readonly type: "named";
  /** Singular, for one of the objects: "policy", "role". */
  readonly noun: string;
  readonly of: Spec;
  /** Names that nobody may use, each with the reason. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** Reserved names that cannot be listed. @returns the reason; undefined if the name is free */
  readonly refuse?: (name: string) => string | undefined;
  /** @returns the fault of a name that has a form of its own; undefined if there is none */
  readonly faultOf?: (name: string) => Fault | undefined;
};

/** An object whose fields depend on the value of its field `type`. */
export type VariantSpec = Described & {
  readonly type: "variant";
  readonly of: Readonly<Record<string, ObjectSpec>>;
  /** Types that Vault's own commands take, each with the way to declare it here. */
  readonly hints?: Readonly<Record<string, string>>;
};

/** A value that is `tagged` if `key` is its only key, and `other` if not. */
export type TaggedSpec = Described & {
  readonly type: "tagged";
  readonly key: string;
  readonly tagged: ObjectSpec;
  readonly other: Field;
};

/**
 * The language that describes every Vault kind (docs/adr/0014-schema-language.md). One description serves the check of a
 * configuration, the comparison with Vault, the JSON Schema and the reference in docs/.
 */
export type Spec = Field | ObjectSpec | NamedSpec | VariantSpec | TaggedSpec;

export function object(
  describe: string,
  fields: ObjectSpec["fields"],
  options: Omit<ObjectSpec, "type" | "describe" | "fields"> = {},
): ObjectSpec {
  return { type: "object", describe, fields, ...options };
}

/** Objects by name. @param noun what one of them is called: "role" */
export function named(noun: string, describe: string, of: Spec, reserved?: NamedSpec["reserved"]): NamedSpec {
  return { type: "named", noun, describe, of, ...(reserved === undefined ? {} : { reserved }) };
}

export function isField(spec: Spec): spec is Field {
  return typeof spec.type !== "string";
}
