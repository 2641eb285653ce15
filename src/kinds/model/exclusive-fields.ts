import type { Fields } from "./compare.ts";
import type { ObjectSpec } from "./spec.ts";
import type { Values } from "./values.ts";

/**
 * What of the living object gives way to what is declared, each field with its empty value: of ways that exclude each other Vault
 * holds one, and another is declared. A field that is declared gives way to nothing.
 */
export function clearedBy(spec: ObjectSpec, fields: Fields, desired: Values, live: Values): Values {
  const left = [...otherWays(spec, desired, live), ...excluded(spec, fields, desired, live)].filter(
    (name) => isHeld(live, name) && !Object.hasOwn(desired, name),
  );
  return Object.fromEntries(
    left.flatMap((name) => {
      const field = fields[name];
      return field === undefined ? [] : [[name, field.type.normalise(undefined)]];
    }),
  );
}

function otherWays({ exclusive: alternatives = [] }: ObjectSpec, desired: Values, live: Values): string[] {
  return alternatives
    .filter((ways) => ways.some(([first]) => isHeld(desired, first)))
    .flatMap((ways) => ways.filter(([first]) => isHeld(live, first) && !Object.hasOwn(desired, first)).flat());
}

function excluded({ excludes = {} }: ObjectSpec, fields: Fields, desired: Values, live: Values): string[] {
  return Object.entries(excludes).flatMap(([name, byValue]) => {
    const field = fields[name];
    if (field === undefined || !Object.hasOwn(desired, name)) return [];
    const value = String(field.type.normalise(desired[name]));
    return value === field.type.normalise(live[name]) ? [] : (byValue[value] ?? []);
  });
}

function isHeld(values: Values, name: string): boolean {
  const value = values[name];
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "" && value !== 0 && value !== false;
}
