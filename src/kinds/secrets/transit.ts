import { group } from "../model/section.ts";
import { bool, duration, int, object, string } from "../model/spec.ts";
import { engine, named, single } from "../mount/engine.ts";

const types = [
  ...["aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305", "ed25519"],
  ...["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-2048", "rsa-3072", "rsa-4096", "hmac", "managed_key"],
  ...["aes128-cmac", "aes192-cmac", "aes256-cmac", "ml-dsa", "hybrid", "slh-dsa"],
];

/** @see https://developer.hashicorp.com/vault/api-docs/secret/transit */
export const transit = engine("secrets", "transit", "encryption as a service", {
  config: group("how the mount works", {
    keys: single({
      kind: "transit keys config",
      path: "config/keys",
      spec: object("how keys come to be", {
        disable_upsert: bool("encrypting does not make the key that it names"),
      }),
    }),
    cache: single({
      kind: "transit cache config",
      path: "cache-config",
      spec: object("keys in memory; Vault takes a change up when the mount is reloaded", {
        size: int("how many; 0 is any number, else at least 10", { min: 0 }),
      }),
    }),
  }),
  keys: named("key", {
    kind: "transit key",
    path: "keys",
    updatePath: "config",
    spec: object("one encryption key", {
      type: string("what kind of key", { values: types, createOnly: true }),
      derived: bool("derive a key per context", { createOnly: true }),
      convergent_encryption: bool("same plain text, same cipher text", { createOnly: true }),
      key_size: int("size in bytes, for hmac", { createOnly: true }),
      parameter_set: string("parameters, for ml-dsa, slh-dsa and hybrid (Enterprise)", { createOnly: true }),
      hybrid_key_type_pqc: string("the post-quantum half of a hybrid key (Enterprise)", { createOnly: true }),
      hybrid_key_type_ec: string("the other half of a hybrid key (Enterprise)", { createOnly: true }),
      managed_key_name: string("name of a managed key (Enterprise)", { createOnly: true, writeOnly: true }),
      managed_key_id: string("id of a managed key (Enterprise)", { createOnly: true, writeOnly: true }),
      exportable: bool("the key may be read", { staysOn: true }),
      allow_plaintext_backup: bool("the key may be backed up in the clear", { staysOn: true }),
      auto_rotate_period: duration("rotate it this often; 0 is never"),
      deletion_allowed: bool("the key may be deleted"),
      min_decryption_version: int("the oldest version that may decrypt", { min: 1 }),
      min_encryption_version: int("the oldest version that may encrypt; 0 is the newest", { min: 0 }),
    }),
  }),
});
