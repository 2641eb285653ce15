import { isMap, onlyDeclared } from "../values.ts";
import { type FieldType, fieldOf } from "./field.ts";

type Options = {
  /** Of maps only declared keys are managed; Vault may hold more. */
  readonly partial?: boolean;
};

export function jsonType({ partial }: Options): FieldType {
  return {
    name: "json",
    shape: "json",
    check: (value) => ({ value }),
    normalise: (value) => value,
    schema: {},
    ...(partial && { managed: onlyDeclared }),
  };
}

/** Any value. */
export const json = fieldOf(jsonType);

/** A map with any values. */
export const jsonMap = fieldOf(() => ({
  ...jsonType({}),
  name: "json map",
  check: (value) => ({ value, faults: isMap(value) ? [] : [{ expected: "a map" }] }),
  schema: { type: "object" },
}));
