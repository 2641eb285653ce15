/** In characters. Shorter values are parts of ordinary words. */
export const shortest = 6;

/** The forms of a value, of the value without surrounding white space, and of its lines, each with the part that it is a form of. */
export function formsOfParts(value: string): readonly (readonly [part: string, form: string])[] {
  const bare = value.trim();
  const whole = (bare === value ? [value] : [value, bare]).flatMap((part) => withPart(part, formsOf(part)));
  if (!bare.includes("\n")) return whole;
  // not encoded: other programs encode a whole value
  const lines = bare.split("\n").map((line) => line.trim());
  return [...whole, ...lines.flatMap((line) => withPart(line, [...new Set([line, ...inJson(line)])]))];
}

function withPart(part: string, forms: readonly string[]): (readonly [string, string])[] {
  return part.length < shortest ? [] : forms.map((form) => [part, form] as const);
}

/** As JavaScript and as Go write it, which escapes characters of HTML too. */
function inJson(value: string): readonly string[] {
  const text = JSON.stringify(value).slice(1, -1);
  return [
    text,
    text.replaceAll(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ];
}

/** The forms in which other programs repeat a value: in JSON, in a URL or a form, encoded by a plugin or a log. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const [hex, inUrl, base64] = [bytes.toString("hex"), percentEncoded(value), bytes.toString("base64")];
  return [
    ...new Set([
      value,
      ...inJson(value),
      base64,
      base64.replace(/=+$/, ""),
      bytes.toString("base64url"),
      hex,
      hex.toUpperCase(),
      encodeURIComponent(value.toWellFormed()),
      inUrl,
      inUrl.replaceAll("%20", "+"),
    ]),
  ];
}

/** As Go encodes it, which leaves fewer characters alone than JavaScript. */
function percentEncoded(value: string): string {
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value.toWellFormed()).replaceAll(/[!'()*]/g, encode);
}
