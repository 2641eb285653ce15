import { bool, duration, int, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";

/**
 * A write makes a key anew, and the old codes are worth nothing then; so a difference in any field is refused.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/totp
 */
export const totp = engine("secrets", "totp", "one-time codes", {
  keys: named("key", {
    kind: "TOTP key",
    path: "keys",
    spec: object(
      "one key",
      {
        url: string("an otpauth:// URL with all that is needed", { writeOnly: true, createOnly: true }),
        key: string("the shared key, in base32", { writeOnly: true, createOnly: true }),
        generate: bool("Vault makes the key, and checks the codes of others", { writeOnly: true, createOnly: true }),
        exported: bool("answer the making of a key with the key", { writeOnly: true, createOnly: true }),
        key_size: int("bytes of a key that Vault makes", { writeOnly: true, createOnly: true, min: 1 }),
        qr_size: int("pixels of its QR code; 0 is none", { writeOnly: true, createOnly: true, min: 0 }),
        skew: int("how many periods a code may be late", { writeOnly: true, createOnly: true, values: ["0", "1"] }),
        issuer: string("who gives the codes", { createOnly: true }),
        account_name: string("whose they are", { createOnly: true }),
        algorithm: string("hash", { createOnly: true, values: ["SHA1", "SHA256", "SHA512"] }),
        digits: int("digits of a code", { createOnly: true, values: ["6", "8"] }),
        period: duration("how long a code is valid", { createOnly: true }),
      },
      { someOf: [["url", "key", "generate"]] },
    ),
  }),
});
