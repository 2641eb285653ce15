import { type StringValue, SyntaxMistake } from "./tree.ts";

const opening = /<<(-?)([\p{L}\p{Nd}_]+)\r?\n/uy;

/**
 * Reads a here-document. Vault ends it only at a line that has the closing word, after blanks or none, and a line break.
 * @param start the offset of `<<`
 * @returns its value, and the offset after it
 * @throws SyntaxMistake if it does not end
 */
export function readHereDocument(source: string, start: number): { token: StringValue; end: number } {
  opening.lastIndex = start;
  const found = opening.exec(source);
  if (found === null) throw new SyntaxMistake('"<"', start, "a here-document, <<WORD and a line break");
  const [, dash = "", word = ""] = found;
  const closing = new RegExp(`^[\\t\\v\\f\\r ]*${word}\\r*$`, "u");
  // Vault counts the dash: the word that closes <<-WORD must be indented
  const shortest = Buffer.byteLength(dash + word);
  const first = opening.lastIndex;
  for (let line = first; ; ) {
    const end = source.indexOf("\n", line);
    if (end === -1) throw unclosed(word, dash, start);
    const text = source.slice(line, end).replace(/\r$/, "");
    if (closing.test(text) && Buffer.byteLength(text) >= shortest) {
      const blanks = dash === "" ? text.slice(0, text.indexOf(word)) : "";
      const value = source.slice(first, line).replaceAll("\r\n", "\n") + blanks;
      const token = { is: "string", offset: start, text: `<<${word}`, value, isHereDocument: true } as const;
      return { token, end: end + 1 };
    }
    line = end + 1;
  }
}

function unclosed(word: string, dash: string, start: number): SyntaxMistake {
  const place = dash === "" ? "alone on a line" : "indented, alone on a line";
  return new SyntaxMistake("a here-document that does not end", start, `${word} ${place}, without blanks after it`);
}
