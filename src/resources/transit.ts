import { engine, named } from "./engine.ts";
import { bool, duration, int, object, string } from "./spec.ts";

const types = [
  ...["aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305", "ed25519"],
  ...["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-2048", "rsa-3072", "rsa-4096", "hmac", "managed_key"],
  ...["aes128-cmac", "aes192-cmac", "aes256-cmac", "ml-dsa", "hybrid", "slh-dsa"],
];

/** @see https://developer.hashicorp.com/vault/api-docs/secret/transit */
export const transit = engine("secrets", "transit", "encryption as a service", {
  keys: named("key", {
    kind: "transit key",
    path: "keys",
    updatePath: "config",
    spec: object("one encryption key", {
      type: string("what kind of key", { values: types, createOnly: true }),
      derived: bool("derive a key per context", { createOnly: true }),
      convergent_encryption: bool("same plain text, same cipher text", { createOnly: true }),
      exportable: bool("the key may be read", { createOnly: true }),
      allow_plaintext_backup: bool("the key may be backed up in the clear", { createOnly: true }),
      key_size: int("size in bytes, for hmac", { createOnly: true }),
      auto_rotate_period: duration("rotate it this often; 0 is never"),
      deletion_allowed: bool("the key may be deleted"),
      min_decryption_version: int("the oldest version that may decrypt", { min: 0 }),
      min_encryption_version: int("the oldest version that may encrypt; 0 is the newest", { min: 0 }),
    }),
  }),
});
