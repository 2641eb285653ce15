import type { Values } from "../kinds/model/compare.ts";
import { isField, type ObjectSpec, type Spec } from "../kinds/model/spec.ts";
import type { Path, Problem } from "./problem.ts";

/**
 * What is right of a configuration with mistakes: without each policy, mount, entity or the like that has one in it.
 * @param checked values that were checked against `spec`; not changed
 */
export function validPart<T extends Values>(spec: ObjectSpec, checked: T, problems: readonly Problem[]): T {
  return problems.reduce<Values>((rest, { parts }) => without(rest, placeIn(spec, parts)), checked) as T;
}

/** Down to the name of one thing: what is in it makes no sense without the rest of it. */
function placeIn(spec: Spec, parts: Path, at = 0): Path {
  const part = parts[at];
  if (part === undefined || isField(spec) || spec.type !== "object") return parts.slice(0, at + 1);
  const inner = Object.hasOwn(spec.fields, part) ? spec.fields[part] : undefined;
  return inner === undefined ? parts.slice(0, at + 1) : placeIn(inner, parts, at + 1);
}

function without(values: Values, [first, ...deeper]: Path): Values {
  if (first === undefined || !Object.hasOwn(values, first)) return values;
  const { [first]: inner, ...others } = values;
  if (deeper.length === 0 || typeof inner !== "object" || inner === null) return others;
  return { ...others, [first]: without(inner as Values, deeper) };
}
