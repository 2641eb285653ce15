import type { Fields } from "./compare.ts";
import type { ObjectSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/**
 * @returns the live fields that the declared ones exclude, each with its empty value: fields of the other mutually exclusive groups,
 * and fields that Vault does not accept with a newly declared value. Declared fields are never cleared.
 */
export function clearedBy(spec: ObjectSpec, fields: Fields, desired: Values, live: Values): Values {
  const excluded = [...ofOtherGroups(spec, desired, live), ...excludedByValue(spec, fields, desired, live)];
  const cleared = excluded.filter((name) => isSet(live, name) && !Object.hasOwn(desired, name));
  return Object.fromEntries(
    cleared.flatMap((name) => {
      const field = fields[name];
      return field === undefined ? [] : [[name, field.type.normalise(undefined)]];
    }),
  );
}

function ofOtherGroups({ exclusive = [] }: ObjectSpec, desired: Values, live: Values): string[] {
  return exclusive
    .filter((groups) => groups.some(([first]) => isSet(desired, first)))
    .flatMap((groups) => groups.filter(([first]) => isSet(live, first) && !Object.hasOwn(desired, first)).flat());
}

function excludedByValue({ excludes = {} }: ObjectSpec, fields: Fields, desired: Values, live: Values): string[] {
  return Object.entries(excludes).flatMap(([name, byValue]) => {
    const field = fields[name];
    if (field === undefined || !Object.hasOwn(desired, name)) return [];
    const value = String(field.type.normalise(desired[name]));
    return value === field.type.normalise(live[name]) ? [] : (byValue[value] ?? []);
  });
}

function isSet(values: Values, name: string): boolean {
  const value = values[name];
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "" && value !== 0 && value !== false;
}
