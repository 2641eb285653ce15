// The exponent takes one character whatever it is; without digits, Vault refuses the number where it reads it.
const exponent = "[eE][+-]?(?:\\d+|[^\\d]|$)";
const decimal = `-?\\d+(?:\\.\\d*)?(?:${exponent})?`;
// After a leading point the exponent is not part of the number.
const leadingPoint = "\\.\\d+[eE]?";

/** A number in HCL, of which Vault may be unable to read the value. */
export const hclNumber = `-?0[xX][\\da-fA-F]+|${decimal}|${leadingPoint}`;
export const jsonNumber = `${decimal}|${leadingPoint}`;

/** @returns whether a number as written is a float to Vault */
export function isFloat(text: string): boolean {
  return !/^-?(?:0[xX][\da-fA-F]+|\d+)$/.test(text);
}

/** An integer of Go: decimal, 0x10, 0o17, 017, 0b11, with underscores between digits. */
const integer = /^[+-]?(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])*|[1-9](?:_?\d)*)$/;

/** @returns undefined if it is not an integer of 64 bits */
export function parseInteger(text: string): bigint | undefined {
  if (!integer.test(text) || /^[+-]?0[oO]$/.test(text)) return undefined;
  const digits = text.replace(/^[+-]/, "").replaceAll("_", "");
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits);
  const signed = text.startsWith("-") ? -value : value;
  return BigInt.asIntN(64, signed) === signed ? signed : undefined;
}

/** @returns undefined if it is not a float of 64 bits */
export function parseFloat64(text: string): number | undefined {
  const isNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
