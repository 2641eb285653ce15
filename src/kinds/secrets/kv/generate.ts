import { randomInt } from "node:crypto";
import { secret } from "../../../redact.ts";
import { int, object, string } from "../../model/spec.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const charsets = {
  alphanumeric: lower + lower.toUpperCase() + digits,
  lowercase: lower + digits,
  digits,
  hex: `${digits}abcdef`,
  symbols: `${lower + lower.toUpperCase() + digits}!#$%&*+-./:;<=>?@^_~`,
} as const;
type Charset = keyof typeof charsets;

/** How to generate a value. */
export type Generate = { readonly length?: number; readonly charset?: Charset };

export const generateSpec = object("generate a random value, once, if the key is missing", {
  length: int("number of characters; 32 if unset", { min: 8, max: 4096 }),
  charset: string("set of characters; alphanumeric if unset", { values: Object.keys(charsets) }),
});

/** Generates a value with the system's secure random number generator, and registers it as a secret to redact. */
export function generate({ length = 32, charset = "alphanumeric" }: Generate): string {
  const characters = charsets[charset];
  const chosen = Array.from({ length }, () => characters.charAt(randomInt(characters.length)));
  return secret(chosen.join(""));
}
