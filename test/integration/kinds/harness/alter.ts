import type { Item } from "../../../../src/kinds/model/kind.ts";
import { type Field, isField, type Spec } from "../../../../src/kinds/model/spec.ts";
import type { Values } from "../../../../src/kinds/model/values.ts";
import { parseDuration } from "../../../../src/util/duration.ts";

/** All of an item's values, with one field altered. */
export type Alteration = { readonly field: string; readonly desired: Values };

/**
 * One alteration for each declared field that Vault returns, except write-only ones. A field of a mount's tune is named
 * `tune.default_lease_ttl`.
 *
 * @param given new values by field; a string that begins with "not:" skips the field
 * @param createOnly whether to alter the create-only fields, or all others
 */
export function alterationsOf(
  { kind, desired }: Item,
  given: Readonly<Record<string, unknown>>,
  createOnly: boolean,
): Alteration[] {
  return alterationsIn(kind.fields ?? {}, desired, given, createOnly, "");
}

function alterationsIn(
  specs: Readonly<Record<string, Spec>>,
  values: Values,
  given: Readonly<Record<string, unknown>>,
  createOnly: boolean,
  prefix: string,
): Alteration[] {
  return Object.entries(values).flatMap(([name, value]): Alteration[] => {
    const spec = specs[name];
    const field = `${prefix}${name}`;
    if (spec?.type === "object") {
      const inner = alterationsIn(spec.fields, value as Values, given, createOnly, `${field}.`);
      return inner.map((each) => ({ field: each.field, desired: { ...values, [name]: each.desired } }));
    }
    if (spec === undefined || !isField(spec) || spec.writeOnly || (spec.createOnly === true) !== createOnly) return [];
    const chosen = given[field];
    if (typeof chosen === "string" && chosen.startsWith("not:")) return [];
    return [{ field, desired: { ...values, [name]: chosen ?? otherValue(spec, value) } }];
  });
}

/** Another value of the same type. */
function otherValue(field: Field, value: unknown): unknown {
  const { values, max } = field.type.limits ?? {};
  if (values !== undefined) return values.find((each) => each !== String(value) && each !== "") ?? value;
  switch (field.type.shape) {
    case "int":
      return Number(value) + (max === Number(value) ? -1 : 1);
    case "bool":
      return value !== true;
    case "duration":
      return (typeof value === "number" ? value : (parseDuration(String(value)) ?? 0) / 1000) + 60;
    case "list":
      return otherList(field, value);
    case "map":
      return Object.fromEntries(Object.keys(value as Values).map((key) => [key, "altered"]));
    case "json":
      return { altered: "altered" };
    default:
      return otherString(field, String(value));
  }
}

function otherList(field: Field, value: unknown): string[] {
  const elements = Array.isArray(value) ? value.map(String) : String(value).split(",");
  return field.type.name === "cidr list" ? [...elements, "192.0.2.7/32"] : [...elements, "altered"];
}

function otherString(field: Field, value: string): string {
  if (field.type.name === "policy text") return `${value}\n# altered`;
  return value.startsWith("http") ? `${value}/altered` : `${value}-altered`;
}
