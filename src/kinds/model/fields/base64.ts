import { isBase64 } from "../../../util/base64.ts";
import { fieldOf } from "./field.ts";
import { plainText, stringType } from "./string.ts";

/** A string that may be given in base64. Vault stores the decoded form. */
export const base64String = fieldOf(() => ({
  ...stringType({}),
  name: "base64 string",
  normalise(value) {
    const text = plainText(value);
    return (isBase64(text.trim()) ? Buffer.from(text, "base64").toString() : text).trim();
  },
}));
