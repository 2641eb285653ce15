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

/** How a value is made that nobody wrote down. */
export type Generate = { readonly length?: number; readonly charset?: Charset };

export const generateSpec = object("a value made by chance, once, when the key is missing", {
  length: int("how many characters; 32 if not given", { min: 8, max: 4096 }),
  charset: string("of which characters; alphanumeric if not given", { values: Object.keys(charsets) }),
});

/** Makes a value from the system's secure random numbers, each character equally likely; registers it as a secret. */
export function generate({ length = 32, charset = "alphanumeric" }: Generate): string {
  const characters = charsets[charset];
  const drawn = Array.from({ length }, () => characters.charAt(randomInt(characters.length)));
  return secret(drawn.join(""));
}
