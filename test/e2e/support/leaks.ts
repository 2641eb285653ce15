/** A place to search, and the text there. */
export type SearchedText = { readonly where: string; readonly text: string };

/** A value that must not be found. Reports show its name only. */
export type Needle = { readonly name: string; readonly value: string };

/** Patterns of Vault's tokens, and of ServiceAccount tokens (JSON Web Tokens). */
const tokenShapes: ReadonlyArray<{ name: string; shape: RegExp }> = [
  { name: "a token of Vault", shape: /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/ },
  { name: "a JSON Web Token", shape: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
];

/**
 * Searches for the needles in plain text, in base64 at any offset of a longer encoded text, and in hexadecimal if they are base64
 * themselves (Vault returns keys in both).
 *
 * @returns one line for each find, without the value
 */
export function findLeaks(places: readonly SearchedText[], needles: readonly Needle[]): string[] {
  const forms = needles.flatMap((needle) => formsOf(needle.value).map((form) => ({ ...needle, ...form })));
  return places.flatMap(({ where, text }) => [
    ...forms.filter(({ text: form }) => text.includes(form)).map(({ name, as }) => `${name}, ${as}, in ${where}`),
    ...tokenShapes.filter(({ shape }) => shape.test(text)).map(({ name }) => `${name} in ${where}`),
  ]);
}

function formsOf(value: string): Array<{ as: string; text: string }> {
  const forms = [
    { as: "as it is", text: value },
    ...[0, 1, 2].map((offset) => ({ as: "in base64", text: base64Within(value, offset) })),
  ];
  const decoded = Buffer.from(value, "base64");
  // a key share is base64 of 32 or 33 bytes
  if (decoded.toString("base64") === value) forms.push({ as: "in hexadecimal", text: decoded.toString("hex") });
  return forms;
}

/** @returns the part of the base64 that does not depend on the text around the value, when it starts at this offset modulo 3 */
function base64Within(value: string, offset: number): string {
  const encoded = Buffer.from(" ".repeat(offset) + value).toString("base64");
  const length = offset + Buffer.byteLength(value);
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor((length * 8) / 6));
}
