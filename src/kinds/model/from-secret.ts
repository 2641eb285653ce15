import type { Field } from "./fields/field.ts";

/**
 * @param path the keys that lead to the value
 * @returns why a value cannot come from a Secret; undefined if it can
 */
export function whyLiteral(field: Field, path: readonly string[]): string | undefined {
  const { secret, writeOnly, names, literal, refers, isHcl } = field;
  if (!secret && !writeOnly) return "plans show this field";
  const namesPolicies = names === "policies within" && path.some((key) => /polic(y|ies)/.test(key));
  if (namesPolicies || names === "policy" || names === "password policy") return "it names policies";
  if (literal || refers !== undefined) return "other objects depend on it";
  return isHcl ? "its text is checked before anything is written" : undefined;
}

/** Whether a Secret may provide the whole value, or only values of its map; undefined if neither. */
export function partFromSecret(field: Field): "whole" | "values" | undefined {
  if (whyLiteral(field, []) !== undefined) return undefined;
  if (expectedOfSecret(field) === undefined) return "whole";
  return field.type.shape === "map" || field.type.shape === "json" ? "values" : undefined;
}

/** @returns what the field expects, if a string is not possible; undefined if it is */
export function expectedOfSecret({ type }: Field): string | undefined {
  if (type.managed !== undefined) return "a map";
  return type.check("\0").faults?.[0]?.expected;
}
