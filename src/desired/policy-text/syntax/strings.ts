import { SyntaxMistake } from "./tree.ts";

/** The escapes of Go, also in JSON: `\/` is none. */
const escapeSequence = /\\(?:([abfnrtv\\"])|([0-7]{3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;
const singleEscapes: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", '"': '"' },
};
const simpleString = /"[^"\\\n$]*"/y;

/**
 * Finds the end of a quoted string. In HCL, quotes and line breaks within `${ }` belong to the string.
 * @param start the offset of its first quote
 * @returns the offset after its last quote
 * @throws SyntaxMistake if it does not end, or has an unknown escape
 */
export function endOfString(source: string, start: number, hasInterpolation: boolean): number {
  simpleString.lastIndex = start;
  if (simpleString.test(source)) return simpleString.lastIndex;
  for (let at = start + 1; at < source.length; ) {
    const character = source[at];
    if (character === '"') return at + 1;
    if (character === "\n") break;
    if (hasInterpolation && source.startsWith("${", at)) at = endOfInterpolation(source, at);
    else at = character === "\\" ? endOfEscape(source, at) : at + 1;
  }
  throw new SyntaxMistake("an unclosed quote", start);
}

/** @returns the offset after the closing brace */
function endOfInterpolation(source: string, start: number): number {
  let braces = 1;
  for (let at = start + 2; at < source.length; ) {
    const character = source[at];
    if (character === "{") braces++;
    if (character === "}") braces--;
    at = character === "\\" ? endOfEscape(source, at) : at + 1;
    if (braces === 0) return at;
  }
  throw new SyntaxMistake("an unclosed ${", start, "} after each ${ in a string");
}

function endOfEscape(source: string, at: number): number {
  escapeSequence.lastIndex = at;
  if (escapeSequence.test(source)) return escapeSequence.lastIndex;
  throw new SyntaxMistake(
    `the unknown escape ${source.slice(at, at + 2)}`,
    at,
    'an escape such as \\n, \\" or \\u00e4',
  );
}

/**
 * The value of a quoted string in HCL. What is within `${ }` stays as it is.
 * @returns undefined if Vault cannot unquote it
 */
export function unquoteHcl(text: string): string | undefined {
  const quoted = text.slice(1, -1);
  if (!quoted.includes("\\") && !quoted.includes("$")) return quoted;
  let value = "";
  for (let at = 0; at < quoted.length; ) {
    const end = quoted.startsWith("${", at) ? endOfInterpolation(quoted, at) : endOfPlain(quoted, at);
    const part = quoted.slice(at, end);
    const plain = part.startsWith("${") ? interpolation(part) : replaceEscapes(part, codeInHcl);
    if (plain === undefined) return undefined;
    value += plain;
    at = end;
  }
  return value;
}

/** Go's Unquote takes the replacement character for an error. */
function interpolation(part: string): string | undefined {
  return part.includes("\ufffd") ? undefined : part;
}

function endOfPlain(quoted: string, start: number): number {
  const next = quoted.indexOf("${", start);
  return next === -1 ? quoted.length : next;
}

/**
 * The value of a quoted string in JSON.
 * @returns undefined if Vault cannot unquote it
 */
export function unquoteJson(text: string): string | undefined {
  const quoted = text.slice(1, -1);
  return quoted.includes("\\") ? replaceEscapes(quoted, codeInJson) : quoted;
}

const anyEscape = new RegExp(escapeSequence.source, "g");

function replaceEscapes(text: string, codeOf: (code: number) => string | undefined): string | undefined {
  let isValid = true;
  const value = text.replace(anyEscape, (_, single?: string, octal?: string, x?: string, u?: string, U?: string) => {
    if (single !== undefined) return singleEscapes[single] ?? "";
    // three octal digits are a byte
    const code = octal === undefined ? Number.parseInt(x ?? u ?? U ?? "", 16) : Number.parseInt(octal, 8);
    const character = octal !== undefined && code > 0xff ? undefined : codeOf(code);
    if (character === undefined) isValid = false;
    return character ?? "";
  });
  return isValid ? value : undefined;
}

const greatest = 0x10ffff;

/** HCL's own Unquote checks a signed number, and so takes \U80000000 and above for a byte. */
function codeInHcl(code: number): string | undefined {
  if (code > greatest) return code >= 0x80000000 ? String.fromCharCode(code % 0x100) : undefined;
  return isSurrogate(code) ? "\ufffd" : String.fromCodePoint(code);
}

function codeInJson(code: number): string | undefined {
  return code > greatest || isSurrogate(code) ? undefined : String.fromCodePoint(code);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
