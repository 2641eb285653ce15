import { decodeBase64 } from "../../../util/base64.ts";
import { fieldOf } from "./field.ts";
import { plainText, stringType } from "./string.ts";

/** A policy in HCL or JSON. */
export const policyText = fieldOf(() => ({
  ...stringType({}),
  name: "policy text",
  normalise: (value) => normalisePolicy(decoded(plainText(value))),
}));

/** Vault stores a policy in base64 decoded. */
function decoded(policy: string): string {
  return decodeBase64(policy) ?? policy;
}

/** @returns a policy's text without indentation, trailing space, empty lines, and repeated spaces outside of quotes */
export function normalisePolicy(policy: string): string {
  return policy
    .split(/\r?\n/)
    .map((line) => squeeze(line).trim())
    .filter((line) => line !== "")
    .join("\n");
}

function squeeze(line: string): string {
  const parts = line.split(/("(?:\\.|[^"\\])*")/);
  return parts.map((part, i) => (i % 2 === 1 ? part : part.replace(/[ \t]+/g, " "))).join("");
}
