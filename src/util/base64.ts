import { isUtf8 } from "node:buffer";

const pattern = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

export function isBase64(text: string): boolean {
  return pattern.test(text);
}

/**
 * Decodes a text as Vault decodes a policy: only if all of it, except line breaks, is base64.
 * @returns the text itself if it is not base64; undefined if the result is not UTF-8
 */
export function decodeBase64(text: string): string | undefined {
  const letters = text.replace(/[\r\n]+/g, "");
  if (letters === "" || !isBase64(letters)) return text;
  const bytes = Buffer.from(letters, "base64");
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
