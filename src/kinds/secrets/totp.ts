import { bool, duration, int, object, string } from "../model/spec.ts";
import { engine, named } from "../mount/engine.ts";

/**
 * A write replaces the key and invalidates its codes, so a difference in any field is refused.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/totp
 */
export const totp = engine("secrets", "totp", "time-based one-time passwords", {
  keys: named("key", {
    kind: "TOTP key",
    path: "keys",
    spec: object(
      "a TOTP key",
      {
        url: string("otpauth:// URL with all parameters of the key", { writeOnly: true, createOnly: true }),
        key: string("shared key, base32-encoded", { writeOnly: true, createOnly: true }),
        generate: bool("let Vault generate the key and validate codes", { writeOnly: true, createOnly: true }),
        exported: bool("return the key and QR code when the key is created", { writeOnly: true, createOnly: true }),
        key_size: int("size of the generated key in bytes", { writeOnly: true, createOnly: true, min: 1 }),
        qr_size: int("size of the QR code in pixels; 0 returns none", { writeOnly: true, createOnly: true, min: 0 }),
        skew: int("number of periods a code may be late", { writeOnly: true, createOnly: true, values: ["0", "1"] }),
        issuer: string("issuer of the key", { createOnly: true }),
        account_name: string("account name", { createOnly: true }),
        algorithm: string("hash algorithm", { createOnly: true, values: ["SHA1", "SHA256", "SHA512"] }),
        digits: int("digits of a code", { createOnly: true, values: ["6", "8"] }),
        period: duration("how long a code is valid", { createOnly: true }),
      },
      { someOf: [["url", "key", "generate"]] },
    ),
  }),
});
