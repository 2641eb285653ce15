import { type Checked, type Fault, type FieldType, fieldOf, wrong } from "./field.ts";

type Options = {
  /** Vault stores the elements in lower case, so case does not count. */
  readonly lower?: boolean;
  /** Order counts, and elements may contain commas. */
  readonly ordered?: boolean;
  /** Vault takes it only as one string with commas. */
  readonly joined?: boolean;
};

export function listType({ lower, ordered, joined }: Options): FieldType {
  return {
    name: "list",
    shape: "list",
    check: checkList,
    normalise(value) {
      if (ordered) return orderedElements(value);
      return elements(value, lower ? (element) => element.toLowerCase() : (element) => element);
    },
    schema: { type: ["string", "array"], items: stringLike },
    ...(ordered && { verbatim: verbatimElements }),
    ...(joined && { toRequest: (value: unknown) => (Array.isArray(value) ? value.join(",") : value) }),
  };
}

/** A list of strings, or one string with commas, as Vault takes it. Order does not count. */
export const list = fieldOf(listType);

/** Numbers and booleans count as the string they are written with. */
export const stringLike = { type: ["string", "number", "boolean"] };

function checkList(value: unknown): Checked {
  if (!Array.isArray(value)) return typeof value === "string" ? { value } : wrong("a list of strings");
  return { value: value.map(asString), faults: value.flatMap((element, i) => faultsOf(element, String(i))) };
}

/** @returns a string, number or boolean as a string; an empty string for anything else */
export function asString(value: unknown): string {
  return typeof value === "object" ? "" : String(value);
}

/** @returns the fault of an element that is not a string, number or boolean */
export function faultsOf(element: unknown, key: string): Fault[] {
  return typeof element === "object" ? [{ path: [key], expected: "a string" }] : [];
}

/** @returns the elements of a list, or of a string with commas: trimmed, sorted, each once, none empty */
export function elements(value: unknown, each: (element: string) => string): string[] {
  if (value === undefined || value === null || value === "") return [];
  const parts = Array.isArray(value) ? value.map(String) : String(value).split(",");
  const trimmed = parts.map((part) => part.trim()).filter((part) => part !== "");
  return [...new Set(trimmed.map(each))].sort();
}

function orderedElements(value: unknown): string[] {
  return verbatimElements(value).map((each) => each.trim());
}

function verbatimElements(value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
