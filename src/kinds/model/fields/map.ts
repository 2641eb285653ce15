import { isMap, onlyDeclared } from "../values.ts";
import { type Checked, type Fault, type FieldType, fieldOf, type JsonSchema, wrong } from "./field.ts";
import { asString, faultsOf, stringLike } from "./list.ts";

type Keys = Readonly<Record<string, readonly string[]>>;

type Options = {
  /** Only declared keys are managed; Vault may hold more. */
  readonly partial?: boolean;
  /** Every key that the map may have, with its possible values. */
  readonly keys?: Keys;
  /** Keys that have no effect here, each with the field that was probably meant. */
  readonly elsewhere?: Readonly<Record<string, string>>;
};

/** Strings by name. */
export const map = fieldOf(
  ({ partial, keys, elsewhere = {} }: Options): FieldType => ({
    name: "map",
    shape: "map",
    check: (value) => checkMap(value, keys, elsewhere),
    normalise: sortedEntries,
    schema: { type: "object", ...schemaOf(keys) },
    ...(keys !== undefined && { keys: Object.keys(keys) }),
    ...(partial && { managed: onlyDeclared }),
  }),
);

function checkMap(value: unknown, keys: Keys | undefined, elsewhere: Readonly<Record<string, string>>): Checked {
  if (!isMap(value)) return wrong("a map of strings");
  const entries = Object.entries(value);
  return {
    value: Object.fromEntries(entries.map(([key, each]) => [key, asString(each)])),
    faults: entries.flatMap(([key, each]): Fault[] => {
      const place = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
      if (place === undefined) return [...faultsOf(each, key), ...checkKey(keys, key, asString(each))];
      return [
        { path: [key], isKey: true, found: `${key}, which has no effect here`, expected: `it in the field ${place}` },
      ];
    }),
  };
}

function checkKey(keys: Keys | undefined, key: string, value: string): Fault[] {
  if (keys === undefined) return [];
  const names = Object.keys(keys);
  const values = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (values === undefined) {
    const expected = `one of ${names.join(", ")}`;
    return [{ path: [key], isKey: true, found: `the unknown key ${key}`, expected, near: [key, names] }];
  }
  return values.includes(value) ? [] : [{ path: [key], expected: `one of ${values.join(", ")}` }];
}

function schemaOf(keys: Keys | undefined): JsonSchema {
  if (keys === undefined) return { additionalProperties: stringLike };
  // a number counts as its digits
  const properties = Object.entries(keys).map(([key, values]) => [key, { enum: [...values, ...values.map(Number)] }]);
  return { properties: Object.fromEntries(properties), additionalProperties: false };
}

function sortedEntries(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, String(entry)]));
}
