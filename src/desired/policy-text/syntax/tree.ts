/** A value in a policy: a block is `{ ... }`, in JSON an object. */
export type Value =
  | StringValue
  | { readonly is: "integer" | "float"; readonly offset: number; readonly text: string }
  | { readonly is: "boolean"; readonly offset: number; readonly value: boolean }
  | { readonly is: "list"; readonly offset: number; readonly items: readonly Value[] }
  | { readonly is: "block"; readonly offset: number; readonly entries: readonly Entry[] };

export type StringValue = {
  readonly is: "string";
  readonly offset: number;
  /** As written, with its quotes. */
  readonly text: string;
  /** Undefined if Vault cannot unquote it: its request handler panics when the string is used. */
  readonly value: string | undefined;
  readonly isHereDocument?: true;
};

/** `key = value`, `key { ... }` or `key "label" { ... }`; a label is a further key. */
export type Entry = {
  readonly keys: readonly Key[];
  readonly value: Value;
  /** Whether it has `=`, or in JSON a colon. */
  readonly isAssigned: boolean;
};

export type Key = {
  readonly offset: number;
  readonly text: string;
  /** Undefined as in a string. */
  readonly value: string | undefined;
  readonly isJson?: true;
};

/** The text is not valid HCL or JSON; `offset` is the position of the error. */
export class SyntaxMistake extends Error {
  readonly offset: number;
  readonly expected: string;
  /** @param found what is at the offset */
  constructor(found: string, offset: number, expected = "a policy in HCL or JSON") {
    super(found);
    this.name = "SyntaxMistake";
    this.offset = offset;
    this.expected = expected;
  }
}

/** No policy comes near this depth; without a limit a text could exhaust the stack of the parser. */
const deepest = 100;

/** @throws SyntaxMistake if values are nested too deeply at this offset */
export function checkDepth(depth: number, offset: number): void {
  if (depth > deepest) throw new SyntaxMistake("values that are nested too deeply", offset);
}
