import type { JsonSchema } from "../kinds/model/fields/field.ts";
import { partFromSecret } from "../kinds/model/from-secret.ts";
import type { Field } from "../kinds/model/spec.ts";

/** The key of a Secret in place of a value. */
export const secretKeyRef: JsonSchema = {
  type: "object",
  description: "The value is a key of a Kubernetes Secret in Vault's namespace. Each run reads it.",
  properties: {
    secretKeyRef: {
      type: "object",
      properties: { name: { type: "string" }, key: { type: "string" } },
      required: ["name", "key"],
      additionalProperties: false,
    },
  },
  required: ["secretKeyRef"],
  additionalProperties: false,
};

/** @returns the field's schema, which accepts a reference to a Secret wherever `validate` does */
export function withSecretReferences(field: Field): JsonSchema {
  const { schema } = field.type;
  const part = partFromSecret(field);
  if (part === undefined || !Object.hasOwn(schema, "type")) return schema;
  const inner = withReferencesInside(schema);
  return part === "whole" ? orReference(inner) : inner;
}

/** The elements of a list and the values of a map may be references too. */
function withReferencesInside({ items, additionalProperties, ...schema }: JsonSchema): JsonSchema {
  return {
    ...schema,
    ...(items !== undefined && { items: orReference(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: orReference(additionalProperties) }),
  };
}

function orReference(schema: unknown): JsonSchema {
  return { anyOf: [schema, { $ref: "#/definitions/secretKeyRef" }] };
}
