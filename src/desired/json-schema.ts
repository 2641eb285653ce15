import type { JsonSchema } from "../kinds/model/fields/field.ts";
import { partFromSecret } from "../kinds/model/from-secret.ts";
import {
  type Field,
  isField,
  type NamedSpec,
  type ObjectSpec,
  type Spec,
  type TaggedSpec,
  type VariantSpec,
} from "../kinds/model/spec.ts";
import { secretKeyRef, withSecretReferences } from "./secret-reference-schema.ts";

/** Collects the schemas of descriptions that occur in several places. */
type Definitions = { readonly schemas: Record<string, JsonSchema>; readonly names: Map<Spec, string> };

const id = "https://raw.githubusercontent.com/vault-hooks/vault-hooks/main/schema/vault-hooks.schema.json";

/**
 * The schema for completion and checks in editors: JSON Schema draft 7, which the YAML language server supports best.
 * It judges one file alone, so it accepts whatever another file may complete: a mount's type, a policy's file. It never
 * rejects a configuration that `validate` accepts. Pure.
 *
 * @param root the description that `validate` uses too
 * @see https://json-schema.org/draft-07/json-schema-validation
 */
export function jsonSchema(root: ObjectSpec): JsonSchema {
  const definitions: Definitions = { schemas: { secretKeyRef }, names: new Map() };
  const schema = ofObject(definitions, root, []);
  const $schema = "http://json-schema.org/draft-07/schema#";
  return { $schema, $id: id, title: "vault-hooks", ...schema, definitions: definitions.schemas };
}

/** @returns a reference to the schema of a description, which is made once */
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
  // the parts of a split object may be in several files
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

/** Sections become definitions, since every namespace repeats them. */
function ofProperty(definitions: Definitions, spec: Spec, path: readonly string[]): JsonSchema {
  if (isField(spec) || (path.length > 1 && !definitions.names.has(spec))) return ofSpec(definitions, spec, path);
  return refer(definitions, spec, path, () => ofSpec(definitions, spec, path));
}

function requiredOf(spec: ObjectSpec): string[] {
  return Object.entries(spec.fields).flatMap(([name, inner]) => (isField(inner) && inner.required ? [name] : []));
}

/** The rules of check/names.ts for control characters, slashes, and parts that lead to a different path. */
const goodName = "^(?!/)(?!.*//)(?!.*/$)(?!(.*/)?\\.\\.?(/|$))[^\\u0000-\\u001f\\u007f]+$";

function ofNamed(definitions: Definitions, spec: NamedSpec, path: readonly string[]): JsonSchema {
  const reserved = Object.keys(spec.reserved ?? {});
  const names = {
    ...(spec.noun !== "key" && { pattern: goodName }),
    ...(reserved.length > 0 || spec.noun === "policy" ? { not: notNames(spec, reserved) } : {}),
  };
  return {
    type: "object",
    description: sentence(spec.describe),
    additionalProperties: ofSpec(definitions, spec.of, path),
    ...(Object.keys(names).length > 0 && { propertyNames: names }),
  };
}

function notNames({ noun: what }: NamedSpec, reserved: readonly string[]): JsonSchema {
  const parts = [
    ...(reserved.length > 0 ? [{ enum: reserved }] : []),
    ...(what === "policy" ? [{ pattern: "[A-Z]" }] : []),
  ];
  return { anyOf: parts };
}

/** The field `type` selects the fields. If it is in another file, any field is accepted. */
function ofVariant(definitions: Definitions, spec: VariantSpec, path: readonly string[]): JsonSchema {
  const kinds = Object.entries(spec.of);
  const allOf = kinds.map(([type, inner]) => {
    const reference = refer(definitions, inner, [...path, type], () => {
      const schema = ofObject(definitions, inner, [...path, type]);
      return { ...schema, properties: { ...(schema["properties"] as object), type: { const: type } } };
    });
    return when({ properties: { type: { const: type } }, required: ["type"] }, reference);
  });
  const isSplit = kinds.every(([, inner]) => inner.split === true);
  const description = `One of: ${kinds.map(([type, { describe }]) => `${type} (${describe})`).join("; ")}.`;
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

/** Kept out of literals, where the linter takes an object with `then` for a promise. */
const consequence = "then";

function when(condition: JsonSchema, schema: JsonSchema): JsonSchema {
  return { if: condition, [consequence]: schema };
}

function ofField(field: Field): JsonSchema {
  return { description: describe(field), ...withSecretReferences(field) };
}

function describe(field: Field): string {
  const { describe: text, createOnly, writeOnly } = field;
  const notes = [
    ...(createOnly ? ["Vault cannot change it later."] : []),
    ...(writeOnly ? ["Vault never returns it; the ledger detects changes."] : []),
    ...(partFromSecret(field) === undefined
      ? []
      : ["It may come from a Kubernetes Secret: {secretKeyRef: {name, key}}."]),
  ];
  return [sentence(text), ...notes].join(" ");
}

/** @returns the text with a capital letter and a full stop */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
