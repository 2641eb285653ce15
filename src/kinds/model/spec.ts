import type { ReferenceKind } from "./reference.ts";

/**
 * The language in which every Vault kind is described. One description serves the check of a configuration, the
 * comparison with the live object, the JSON Schema and the reference in docs/.
 */

type Described = { readonly describe: string };

export type FieldType = "string" | "int" | "bool" | "duration" | "list" | "map" | "json";

/** One field of a Vault object, by its name in Vault's API. */
export type Field = Described & {
  readonly type: FieldType;
  readonly required?: boolean;
  /** Vault cannot change it later: a difference is refused (exit 4), since only remaking would do, and that loses data. */
  readonly createOnly?: boolean;
  /** Once it is on Vault cannot switch it off: that difference is refused. */
  readonly staysOn?: boolean;
  /** Vault never tells it: compared by the ledger alone, never shown, and sent where it differs or a write would reset it. */
  readonly writeOnly?: boolean;
  /** Vault tells it, people must not see it. */
  readonly secret?: boolean;
  /** The same, and it may be an ordinary word: then names and fields may be the same word, and can be seen. */
  readonly ordinary?: boolean;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** An int that may have a fraction, or a duration of which Vault keeps what is below a second. */
  readonly fraction?: boolean;
  /** Case does not count: Vault stores it in one of its own. */
  readonly lower?: boolean;
  /** Given in base64 Vault stores what it means. */
  readonly base64?: boolean;
  /** 0 has Vault choose, and it tells what it has chosen. */
  readonly zeroIs?: readonly number[];
  /** JSON of lists of numbers by name; one number, or a text with commas, is such a list too. */
  readonly numbers?: boolean;
  /** Vault puts a slash at its end. */
  readonly slash?: boolean;
  /** Addresses: a single one is told without its /32 or /128, and all in the shortest form. */
  readonly cidr?: boolean;
  /** A map, or JSON with maps, of which only the keys given are ours; Vault may hold more. */
  readonly partial?: boolean;
  /** In JSON a key with an empty text means the same as no key. */
  readonly emptyIsNone?: boolean;
  /** Of a map: all the keys that it may have, each with the values that it may have. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** A list whose order counts, and whose texts may hold commas. */
  readonly ordered?: boolean;
  /** JSON that Vault takes as a text, or a list that it takes as one with commas; the configuration may have it either way. */
  readonly asText?: boolean;
  /** It names other objects by name; Vault gets their ids, in another field. */
  readonly refers?: { readonly to: ReferenceKind; readonly as: string };
  /** The names in it are policies, or it is the name of a password policy. */
  readonly names?: "policy" | "password policy";
  /** The text is a policy in HCL or JSON. */
  readonly syntax?: "policy";
  /** The text holds a login by templates alone: `{{username}}:{{password}}@host`. */
  readonly templated?: boolean;
  /** JSON that is a map. */
  readonly isMap?: boolean;
  /** An object of a form that is unknown here. */
  readonly anything?: boolean;
  /** The text names a file of the configuration that ends so. */
  readonly file?: string;
};

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
  readonly what: string;
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

type Options = Omit<Field, "type" | "describe">;
const field =
  (type: FieldType) =>
  (describe: string, options: Options = {}): Field => ({ type, describe, ...options });

export const string = field("string");
export const int = field("int");
export const bool = field("bool");
/** Seconds, or a text such as 24h. */
export const duration = field("duration");
/** A list of texts, or one text with commas, as Vault takes it. Order does not count. */
export const list = field("list");
/** Texts by name. */
export const map = field("map");
/** Any value. */
export const json = field("json");

export function object(
  describe: string,
  fields: ObjectSpec["fields"],
  options: Omit<ObjectSpec, "type" | "describe" | "fields"> = {},
): ObjectSpec {
  return { type: "object", describe, fields, ...options };
}

export function named(what: string, describe: string, of: Spec, reserved?: NamedSpec["reserved"]): NamedSpec {
  return { type: "named", what, describe, of, ...(reserved === undefined ? {} : { reserved }) };
}

export function isField(spec: Spec): spec is Field {
  return spec.type !== "object" && spec.type !== "named" && spec.type !== "variant" && spec.type !== "tagged";
}
