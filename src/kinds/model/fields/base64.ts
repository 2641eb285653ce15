import { fieldOf } from "./field.ts";
import { plainText, stringType } from "./string.ts";

const pattern = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** A string that may be given in base64. Vault stores the decoded form. */
export const base64String = fieldOf(() => ({
  ...stringType({}),
  name: "base64 string",
  normalise(value) {
    const text = plainText(value);
    return (pattern.test(text.trim()) ? Buffer.from(text, "base64").toString() : text).trim();
  },
}));
