import { type FieldType, fieldOf, notAmong, wrong } from "./field.ts";

type Options = {
  readonly values?: readonly string[];
  /** Vault stores it in lower case, so case does not count. */
  readonly lower?: boolean;
  /** Vault adds a slash at the end. */
  readonly slash?: boolean;
};

export function stringType({ values, lower, slash }: Options): FieldType {
  return {
    name: "string",
    shape: "string",
    check(value) {
      const isString = typeof value === "string";
      return notAmong(values, value) ?? (isString ? { value } : wrong("a string (digits, true and false need quotes)"));
    },
    normalise(value) {
      const text = slash ? plainText(value).trim().replace(/\/$/, "") : plainText(value).trim();
      return lower ? text.toLowerCase() : text;
    },
    schema: { type: "string", ...(values !== undefined && { enum: values }) },
    ...(values !== undefined && { limits: { values } }),
    verbatim: String,
  };
}

export const string = fieldOf(stringType);

/** @returns the value as a string; empty for null and undefined */
export function plainText(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
