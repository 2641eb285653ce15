import { isMap } from "../values.ts";
import { type FieldType, fieldOf } from "./field.ts";
import { jsonType } from "./json.ts";

type Options = {
  /** Of maps only declared keys are managed; Vault may hold more. */
  readonly partial?: boolean;
  /** A key with an empty string counts as absent. */
  readonly emptyIsNone?: boolean;
};

/** JSON that Vault takes as a string. The configuration may write it out, or as a string. */
export const jsonText = fieldOf(
  ({ emptyIsNone, ...options }: Options): FieldType => ({
    ...jsonType(options),
    name: "json text",
    normalise: (value) => (emptyIsNone ? withoutEmpty(parsed(value)) : parsed(value)),
    toRequest: (value) => (typeof value === "string" || value === null ? value : JSON.stringify(value)),
  }),
);

/** @returns the parsed JSON; any other string trimmed */
function parsed(value: unknown): unknown {
  if (value === undefined || value === "") return null;
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value.trim();
  }
}

function withoutEmpty(value: unknown): unknown {
  if (!isMap(value)) return value ?? {};
  const given = Object.entries(value).filter(([, each]) => each !== "");
  return Object.fromEntries(given.map(([key, each]) => [key, withoutEmpty(each)]));
}
