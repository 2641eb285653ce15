import { fieldOf, wrong } from "./field.ts";

export const bool = fieldOf(() => ({
  name: "bool",
  shape: "bool",
  check: (value) => (typeof value === "boolean" ? { value } : wrong("true or false")),
  normalise: (value) => value === true || value === "true",
  schema: { type: "boolean" },
}));
