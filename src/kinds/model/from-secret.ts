import type { Field } from "./fields/field.ts";

/** Policies and password policies, also of a namespace. */
const policyPath = /(^|\/)sys\/polic(y|ies)(\/|$)/i;

/** A place in a field's value. */
type Place = {
  /** The name of the object that has the field; under `raw`, its path. */
  readonly object?: string | undefined;
  /** The keys that lead from the field to the place. */
  readonly keys?: readonly string[];
};

/** @returns why a value cannot come from a Secret; undefined if it can */
export function whyLiteral(field: Field, { object = "", keys = [] }: Place = {}): string | undefined {
  const { secret, writeOnly, names, literal, refers, isHcl } = field;
  if (!secret && !writeOnly) return "plans show this field";
  const isPolicy = names === "policies within" && policyPath.test(object);
  const namesPolicies = names === "policies within" && keys.some((key) => /polic(y|ies)/.test(key));
  if (isPolicy) return "the object is a policy";
  if (namesPolicies || names === "policy" || names === "password policy") return "it names policies";
  if (literal || refers !== undefined) return "other objects depend on it, or errors show it";
  return isHcl ? "its text is checked before anything is written" : undefined;
}

/** Whether a Secret may provide the whole value, or only values of its map; undefined if neither. */
export function partFromSecret(field: Field): "whole" | "values" | undefined {
  if (whyLiteral(field) !== undefined) return undefined;
  if (expectedOfSecret(field) === undefined) return "whole";
  return field.type.shape === "map" || field.type.shape === "json" ? "values" : undefined;
}

/** @returns what the field expects, if a string is not possible; undefined if it is */
export function expectedOfSecret({ type }: Field): string | undefined {
  if (type.managed !== undefined) return "a map";
  return type.check("\0").faults?.[0]?.expected;
}
