import { type FieldType, fieldOf, notAmong, wrong } from "./field.ts";

type Options = {
  /** The only numbers allowed, as strings. */
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** The number may have a fraction. */
  readonly fraction?: boolean;
  /** Values that Vault may choose, and return, where 0 is declared. */
  readonly zeroIs?: readonly number[];
};

export const int = fieldOf((options: Options): FieldType => {
  const { values, min, max, fraction, zeroIs } = options;
  return {
    name: "int",
    shape: "int",
    check(value) {
      const expected = `a ${fraction ? "" : "whole "}number${range(options)}`;
      return notAmong(values, value) ?? (isIn(options, value) ? { value } : wrong(expected));
    },
    normalise: (value) => (value === undefined || value === null ? undefined : Number(value)),
    schema: {
      type: fraction ? "number" : "integer",
      minimum: min ?? Number.MIN_SAFE_INTEGER,
      maximum: max ?? Number.MAX_SAFE_INTEGER,
    },
    limits: {
      ...(values !== undefined && { values }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    },
    managed: (live, desired) => (desired === 0 && zeroIs?.includes(Number(live)) ? desired : live),
  };
});

function isIn({ min, max, fraction }: Options, value: unknown): boolean {
  if (typeof value !== "number" || !(fraction || Number.isSafeInteger(value))) return false;
  return value >= (min ?? value) && value <= (max ?? value);
}

function range({ min, max }: Options): string {
  if (min === undefined) return "";
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}
