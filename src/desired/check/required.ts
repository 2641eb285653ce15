import { type Field, isField, type ObjectSpec } from "../../kinds/model/spec.ts";
import { memoize } from "../../util/memoize.ts";
import { problem } from "../problem.ts";
import type { Checker, Position } from "./checker.ts";

/** Reports required fields that are missing, and violations of `oneOf` and `someOf`. */
export function checkRequired({ problems }: Checker, spec: ObjectSpec, value: object, { path, at }: Position): void {
  for (const [name, { describe }] of requiredIn(spec)) {
    if (!Object.hasOwn(value, name)) problems.push(problem(at, path, `no ${name}`, `${name}: ${describe}`));
  }
  for (const group of spec.someOf ?? []) {
    if (group.some((name) => Object.hasOwn(value, name))) continue;
    problems.push(problem(at, path, "none of them", `at least one of ${group.join(", ")}`));
  }
  if (spec.oneOf === undefined) return;
  const given = spec.oneOf.filter((name) => Object.hasOwn(value, name));
  if (given.length === 1) return;
  const found = given.length === 0 ? "none of them" : given.join(" and ");
  problems.push(problem(at, path, found, `exactly one of ${spec.oneOf.join(", ")}`));
}

/** Memoized, since thousands of objects share one description. */
const requiredIn = memoize(({ fields }: ObjectSpec): readonly (readonly [string, Field])[] =>
  Object.entries(fields).flatMap(([name, inner]) => (isField(inner) && inner.required ? [[name, inner] as const] : [])),
);
