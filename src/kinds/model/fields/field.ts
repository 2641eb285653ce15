/**
 * A field of a Vault object: its type, and what the field means. Each type is one object in one file of this folder.
 * The check of a configuration, the comparison with Vault, the JSON Schema and the reference ask the type.
 */
export type Field = Meaning & {
  /** Shown in the reference and in editors. */
  readonly describe: string;
  readonly type: FieldType;
};

/** Objects that Vault refers to by an id of its own. */
export type ReferenceKind = "accessor" | "entity" | "group" | "oidc_client" | "mfa_method";

/** Properties that any field may have, whatever its type. */
export type Meaning = {
  readonly required?: boolean;
  /** Vault cannot change it later. A difference is refused (exit 4), because only recreating would help, and that loses data. */
  readonly createOnly?: boolean;
  /** Vault cannot turn it off again. Turning it off is refused. */
  readonly staysOn?: boolean;
  /** Vault never returns it. The ledger detects changes; it is sent when changed, or when a write would reset it. Never shown. */
  readonly writeOnly?: boolean;
  /** With `writeOnly`: the key in its JSON that Vault returns. Without it Vault has no value. */
  readonly returnedKey?: string;
  /** Vault returns it, but people must not see it. */
  readonly secret?: boolean;
  /** A secret that may be an ordinary word. Names and fields that contain the same word stay visible. */
  readonly ordinary?: boolean;
  /** It lists other objects by name; Vault takes their ids in the field `as`. */
  readonly refers?: { readonly to: ReferenceKind; readonly as: string };
  /** It names policies, or one password policy. `policies within`: keys at any depth may name policies. */
  readonly names?: "policy" | "password policy" | "policies within";
  /** Other objects depend on its value, or errors and paths of requests show it, so it cannot come from a Secret. */
  readonly literal?: boolean;
  /** Vault parses it as HCL or JSON. At some escapes in it, Vault's request handler panics. */
  readonly isHcl?: boolean;
};

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The basic form of a value, as the reference shows it. */
type Shape = "string" | "int" | "bool" | "duration" | "list" | "map" | "json";

export type FieldType = {
  /** Unique among the types: "list", "cidr list". */
  readonly name: string;
  readonly shape: Shape;
  /** @param value a plain value from YAML: string, number, boolean, null, list or map */
  check(value: unknown): Checked;
  /** @returns one form for all ways to write one value, also for undefined: the empty value */
  normalise(value: unknown): unknown;
  readonly schema: JsonSchema;
  /** Limits on the value, for the reference. */
  readonly limits?: Limits;
  /** Every key that a map may have. */
  readonly keys?: readonly string[];
  /** @returns the part of Vault's value that the configuration manages; both values are normalised. Default: all of it. */
  managed?(live: unknown, desired: unknown): unknown;
  /** @returns the value as requests carry it. Default: unchanged. */
  toRequest?(value: unknown): unknown;
  /** @returns as `normalise`, for the ledger's hash, where a password may begin with a space. Default: `normalise`. */
  verbatim?(value: unknown): unknown;
  /** Replaces the common rule against passwords in URLs. */
  readonly passwordRule?: PasswordRule;
};

type Limits = {
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** The end of a file name. */
  readonly ending?: string;
};

export type PasswordRule = { readonly hasPassword: (text: string) => boolean; readonly expected: string };

/** @property value as Vault's API takes it; undefined if it is wrong */
export type Checked = { readonly value: unknown; readonly faults?: readonly Fault[] };

/** A mistake in a field's value. */
export type Fault = {
  /** Keys and indexes that lead to the mistake. Default: the value itself. */
  readonly path?: readonly string[];
  /** The last key of `path` is wrong, not its value. */
  readonly isKey?: boolean;
  /** Default: the value, or its type if it is secret. */
  readonly found?: string;
  readonly expected: string;
  /** The wrong word, and the words that may have been meant. */
  readonly near?: readonly [string, readonly string[]];
};

export function wrong(expected: string, near?: Fault["near"]): Checked {
  return { value: undefined, faults: [near === undefined ? { expected } : { expected, near }] };
}

/** @returns the fault of a value that is not one of `values`; undefined if it is, or if `values` is undefined */
export function notAmong(values: readonly string[] | undefined, value: unknown): Checked | undefined {
  const text = typeof value === "object" ? "null" : String(value);
  if (values === undefined || values.includes(text)) return undefined;
  const expected = `one of ${values.map((each) => each || '""').join(", ")}`;
  return wrong(expected, typeof value === "string" ? [value, values] : undefined);
}

const meanings: Readonly<Record<keyof Meaning, true>> = {
  required: true,
  createOnly: true,
  staysOn: true,
  writeOnly: true,
  returnedKey: true,
  secret: true,
  ordinary: true,
  refers: true,
  names: true,
  literal: true,
  isHcl: true,
};

/**
 * Makes the function that describes fields of one type: `string("a name", { required: true, values: ["a", "b"] })`.
 * Fields with the same options share one type object, so that equal descriptions are deeply equal.
 */
export function fieldOf<Options = unknown>(typeOf: (options: Options) => FieldType) {
  const types = new Map<string, FieldType>();
  return (describe: string, options?: Options & Meaning): Field => {
    const entries = Object.entries(options ?? {});
    const own = Object.fromEntries(entries.filter(([name]) => !Object.hasOwn(meanings, name)));
    const meaning: Meaning = Object.fromEntries(entries.filter(([name]) => Object.hasOwn(meanings, name)));
    const key = JSON.stringify(own);
    const type = types.get(key) ?? typeOf(own as Options);
    types.set(key, type);
    return { type, describe, ...meaning };
  };
}
