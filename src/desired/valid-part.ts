import { isField, type ObjectSpec, type Spec } from "../kinds/model/spec.ts";
import type { Values } from "../kinds/model/values.ts";
import type { Path, Problem } from "./problem.ts";

/**
 * Removes each policy, mount, entity or other named object that has a problem, so that the rest can be checked further.
 *
 * @param checked values in the shape of `spec`; not changed
 */
export function validPart<T extends Values>(spec: ObjectSpec, checked: T, problems: readonly Problem[]): T {
  return problems.reduce<Values>((rest, { parts }) => without(rest, pathOfNamed(spec, parts)), checked) as T;
}

/** Shortens the path of a problem to the named object that it is in: no part of that can be used alone. */
function pathOfNamed(spec: Spec, parts: Path, index = 0): Path {
  const part = parts[index];
  if (part === undefined || isField(spec) || spec.type !== "object") return parts.slice(0, index + 1);
  const inner = Object.hasOwn(spec.fields, part) ? spec.fields[part] : undefined;
  return inner === undefined ? parts.slice(0, index + 1) : pathOfNamed(inner, parts, index + 1);
}

function without(values: Values, [first, ...deeper]: Path): Values {
  if (first === undefined || !Object.hasOwn(values, first)) return values;
  const { [first]: inner, ...others } = values;
  if (deeper.length === 0 || typeof inner !== "object" || inner === null) return others;
  return { ...others, [first]: without(inner as Values, deeper) };
}
