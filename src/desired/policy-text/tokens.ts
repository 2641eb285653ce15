/** The text is not valid HCL or JSON; `offset` is the position of the error. */
export class HclError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = "HclError";
    this.offset = offset;
  }
}

export type Token = {
  readonly type: "string" | "word" | "number" | "mark" | "end";
  readonly text: string;
  readonly offset: number;
  /** The offset after it. */
  readonly end: number;
};

type Language = {
  readonly space: RegExp;
  /** One token; its first character decides its type. */
  readonly token: RegExp;
  readonly hereDocument?: RegExp;
};

const literals = /"(?:\\[\s\S]|[^"\\\n])*"|-?\d+(?:\.\d+)?(?![\w.-])|[A-Za-z_*][\w.*-]*/;
const hcl: Language = {
  space: /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y,
  token: new RegExp(`${literals.source}|[={}[\\],]`, "y"),
  hereDocument: /<<(-?)([A-Za-z_]\w*)\r?\n([\s\S]*?)^[ \t]*\2[ \t]*$/my,
};
const json: Language = { space: /[ \t\r\n]*/y, token: new RegExp(`${literals.source}|[:{}[\\],]`, "y") };

/** @returns whether the text is JSON and not HCL, as Vault decides it */
export function isJson(source: string): boolean {
  return source.trimStart().startsWith("{");
}

/** No policy comes near this depth; without a limit a text could exhaust the stack of the parser. */
const deepest = 100;
const depths: Readonly<Record<string, number>> = { "{": 1, "[": 1, "}": -1, "]": -1 };

/**
 * Splits a policy in HCL or JSON into tokens, the last of which has the type "end".
 * @throws HclError at an invalid character, or where values are nested too deeply
 */
export function tokenize(source: string): Token[] {
  const language = isJson(source) ? json : hcl;
  const tokens: Token[] = [];
  let depth = 0;
  for (let offset = skipSpace(source, language, 0); offset < source.length; ) {
    const token = tokenAt(source, language, offset);
    tokens.push(token);
    if (token.type === "mark") depth += depths[token.text] ?? 0;
    if (depth > deepest) throw new HclError("values that are nested too deeply", offset);
    offset = skipSpace(source, language, token.end);
  }
  tokens.push({ type: "end", text: "the end", offset: source.length, end: source.length });
  return tokens;
}

function skipSpace(source: string, { space }: Language, offset: number): number {
  space.lastIndex = offset;
  space.test(source);
  if (space === hcl.space && source.startsWith("/*", space.lastIndex)) {
    throw new HclError("an unclosed comment", space.lastIndex);
  }
  return space.lastIndex;
}

function tokenAt(source: string, language: Language, offset: number): Token {
  const { token, hereDocument } = language;
  token.lastIndex = offset;
  if (token.test(source)) {
    const text = source.slice(offset, token.lastIndex);
    return { type: typeOf(text), text, offset, end: token.lastIndex };
  }
  if (hereDocument !== undefined) {
    hereDocument.lastIndex = offset;
    const here = hereDocument.exec(source);
    if (here !== null) {
      return { type: "string", text: JSON.stringify(here[3]), offset, end: hereDocument.lastIndex };
    }
  }
  throw new HclError(describeInvalid(source.slice(offset, offset + 2), language), offset);
}

function typeOf(text: string): Token["type"] {
  if (text.startsWith('"')) return "string";
  if (/^[-\d]/.test(text)) return "number";
  return /^[A-Za-z_*]/.test(text) ? "word" : "mark";
}

function describeInvalid(rest: string, language: Language): string {
  if (language === json && /^(?:#|\/[/*])/.test(rest)) return "a comment in JSON";
  if (rest.startsWith('"')) return "an unclosed quote";
  const [character = ""] = rest;
  if (/[!-~]/.test(character)) return JSON.stringify(character);
  // an invisible character, such as a byte order mark
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  return `the character U+${code}`;
}

const escapes = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|([\s\S]))/gi;
const singleEscapes: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", '"': '"' },
};

/**
 * The value of a string or word. Escapes are those of Go, in JSON too, because Vault does not accept `\/`.
 * @throws HclError for an unknown escape
 */
export function unquote({ type, text, offset }: Token): string {
  if (type !== "string") return text;
  const quoted = text.slice(1, -1);
  if (!quoted.includes("\\")) return quoted;
  return quoted.replace(escapes, (_, x?: string, u?: string, U?: string, octal?: string, single = "") => {
    const hex = x ?? u ?? U;
    const code = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
    const character = Number.isNaN(code)
      ? singleEscapes[single]
      : code <= 0x10ffff
        ? String.fromCodePoint(code)
        : undefined;
    if (character === undefined) throw new HclError(`the string ${text} with an unknown escape`, offset);
    return character;
  });
}
