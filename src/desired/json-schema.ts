import type { JsonSchema } from "../kinds/model/fields/field.ts";
import {
  type Field,
  isField,
  type NamedSpec,
  type ObjectSpec,
  type Spec,
  type TaggedSpec,
  type VariantSpec,
} from "../kinds/model/spec.ts";

/** Filled while the schema is built: what is named there is referred to and not repeated. */
type Definitions = { readonly schemas: Record<string, JsonSchema>; readonly names: Map<Spec, string> };

const id = "https://raw.githubusercontent.com/vault-hooks/vault-hooks/main/schema/vault-hooks.schema.json";

/**
 * What editors complete and check a configuration by: JSON Schema, draft 7, which the YAML language server knows best.
 * It judges one file. What only the whole folder tells (a mount's type that stands in another file, a policy's file that
 * is missing) it lets through, and so never marks what `validate` takes. Pure.
 *
 * @param root the description that the configuration itself is checked against
 * @see https://json-schema.org/draft-07/json-schema-validation
 */
export function jsonSchema(root: ObjectSpec): JsonSchema {
  const definitions: Definitions = { schemas: {}, names: new Map() };
  const whole = ofObject(definitions, root, []);
  const $schema = "http://json-schema.org/draft-07/schema#";
  return { $schema, $id: id, title: "vault-hooks", ...whole, definitions: definitions.schemas };
}

/** The schema of a description that stands in several places; it is made once. */
function refer(definitions: Definitions, spec: Spec, path: readonly string[], make: () => JsonSchema): JsonSchema {
  const name = definitions.names.get(spec) ?? path.join(".");
  if (!definitions.names.has(spec)) {
    definitions.names.set(spec, name);
    definitions.schemas[name] = make();
  }
  return { $ref: `#/definitions/${name}` };
}

function ofSpec(definitions: Definitions, spec: Spec, path: readonly string[]): JsonSchema {
  if (isField(spec)) return ofField(spec);
  switch (spec.type) {
    case "object":
      return ofObject(definitions, spec, path);
    case "named":
      return ofNamed(definitions, spec, path);
    case "variant":
      return ofVariant(definitions, spec, path);
    case "tagged":
      return ofTagged(definitions, spec, path);
  }
}

function ofObject(definitions: Definitions, spec: ObjectSpec, path: readonly string[]): JsonSchema {
  const properties = Object.entries(spec.fields).map(([name, inner]) => [
    name,
    ofProperty(definitions, inner, [...path, name]),
  ]);
  const aliases = Object.entries(spec.aliases ?? {});
  const olderNames = aliases.flatMap(([older, name]) => {
    const inner = spec.fields[name];
    if (inner === undefined) return [];
    const description = `An older name of ${name}.`;
    return [[older, { ...ofSpec(definitions, inner, [...path, name]), description, deprecated: true }]];
  });
  // the parts of a split object may stand in several files
  const required = spec.split ? [] : requiredOf(spec);
  return {
    type: "object",
    description: sentence(spec.describe),
    properties: Object.fromEntries([...properties, ...olderNames]),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(spec.oneOf !== undefined && { oneOf: spec.oneOf.map((name) => ({ required: [name] })) }),
    ...(spec.someOf !== undefined && { allOf: spec.someOf.map(atLeastOne) }),
    ...(aliases.length > 0 && { not: { anyOf: aliases.map((pair) => ({ required: pair })) } }),
  };
}

function atLeastOne(names: readonly string[]): JsonSchema {
  return { anyOf: names.map((name) => ({ required: [name] })) };
}

/** Sections stand in each namespace again. */
function ofProperty(definitions: Definitions, spec: Spec, path: readonly string[]): JsonSchema {
  if (isField(spec) || (path.length > 1 && !definitions.names.has(spec))) return ofSpec(definitions, spec, path);
  return refer(definitions, spec, path, () => ofSpec(definitions, spec, path));
}

function requiredOf(spec: ObjectSpec): string[] {
  return Object.entries(spec.fields).flatMap(([name, inner]) => (isField(inner) && inner.required ? [name] : []));
}

/** No control character, no part that leads to another path, no slash too many: as check.ts says. */
const goodName = "^(?!/)(?!.*//)(?!.*/$)(?!(.*/)?\\.\\.?(/|$))[^\\u0000-\\u001f\\u007f]+$";

function ofNamed(definitions: Definitions, spec: NamedSpec, path: readonly string[]): JsonSchema {
  const taken = Object.keys(spec.reserved ?? {});
  const names = {
    ...(spec.noun !== "key" && { pattern: goodName }),
    ...(taken.length > 0 || spec.noun === "policy" ? { not: notNames(spec, taken) } : {}),
  };
  return {
    type: "object",
    description: sentence(spec.describe),
    additionalProperties: ofSpec(definitions, spec.of, path),
    ...(Object.keys(names).length > 0 && { propertyNames: names }),
  };
}

function notNames({ noun: what }: NamedSpec, taken: readonly string[]): JsonSchema {
  const parts = [...(taken.length > 0 ? [{ enum: taken }] : []), ...(what === "policy" ? [{ pattern: "[A-Z]" }] : [])];
  return { anyOf: parts };
}

/** Which fields there are follows from `type`; where it stands in another file, nothing is said of them. */
function ofVariant(definitions: Definitions, spec: VariantSpec, path: readonly string[]): JsonSchema {
  const kinds = Object.entries(spec.of);
  const allOf = kinds.map(([type, inner]) => {
    const reference = refer(definitions, inner, [...path, type], () => {
      const whole = ofObject(definitions, inner, [...path, type]);
      return { ...whole, properties: { ...(whole["properties"] as object), type: { const: type } } };
    });
    return when({ properties: { type: { const: type } }, required: ["type"] }, reference);
  });
  const isSplit = kinds.every(([, inner]) => inner.split === true);
  const description = `What it is: ${kinds.map(([type, { describe }]) => `${type} (${describe})`).join("; ")}.`;
  return {
    type: "object",
    description: sentence(spec.describe),
    properties: { type: { enum: kinds.map(([type]) => type), description } },
    ...(isSplit ? {} : { required: ["type"] }),
    allOf,
  };
}

function ofTagged(definitions: Definitions, spec: TaggedSpec, path: readonly string[]): JsonSchema {
  return {
    description: sentence(spec.describe),
    ...when({ type: "object", required: [spec.key], maxProperties: 1 }, ofSpec(definitions, spec.tagged, path)),
    else: ofField(spec.other),
  };
}

/** An object with a key `then` would pass for a promise wherever it is awaited; here nothing is. */
const consequence = "then";

function when(condition: JsonSchema, schema: JsonSchema): JsonSchema {
  return { if: condition, [consequence]: schema };
}

function ofField(field: Field): JsonSchema {
  return { description: describe(field), ...field.type.schema };
}

function describe({ describe: said, createOnly, writeOnly }: Field): string {
  const notes = [
    ...(createOnly ? ["Vault cannot change it later."] : []),
    ...(writeOnly ? ["Vault never tells it: a change is seen by the ledger."] : []),
  ];
  return [sentence(said), ...notes].join(" ");
}

/** "names of things" as a sentence of its own. */
function sentence(said: string): string {
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}
