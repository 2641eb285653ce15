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
  config: group("configuration of the transit engine", {
    keys: single({
      kind: "transit keys config",
      path: "config/keys",
      spec: object("settings for all keys", {
        disable_upsert: bool("encrypt does not create missing keys"),
      }),
    }),
    cache: single({
      kind: "transit cache config",
      path: "cache-config",
      spec: object("key cache; a change takes effect when the mount is reloaded", {
        size: int("number of cached keys; 0 is unlimited, else at least 10", { min: 0 }),
      }),
    }),
  }),
  keys: named("key", {
    kind: "transit key",
    path: "keys",
    updatePath: "config",
    spec: object("an encryption key", {
      type: string("key type", { values: types, createOnly: true }),
      derived: bool("derive a key per context", { createOnly: true }),
      convergent_encryption: bool("the same plaintext gives the same ciphertext", { createOnly: true }),
      key_size: int("key size in bytes, for hmac", { createOnly: true }),
      parameter_set: string("parameter set, for ml-dsa, slh-dsa and hybrid (Enterprise)", { createOnly: true }),
      hybrid_key_type_pqc: string("post-quantum key type of a hybrid key (Enterprise)", { createOnly: true }),
      hybrid_key_type_ec: string("elliptic curve key type of a hybrid key (Enterprise)", { createOnly: true }),
      managed_key_name: string("name of a managed key (Enterprise)", { createOnly: true, writeOnly: true }),
      managed_key_id: string("ID of a managed key (Enterprise)", { createOnly: true, writeOnly: true }),
      exportable: bool("the key can be exported", { staysOn: true }),
      allow_plaintext_backup: bool("the key can be backed up in plaintext", { staysOn: true }),
      auto_rotate_period: duration("automatic rotation period; 0 disables it"),
      deletion_allowed: bool("the key can be deleted"),
      min_decryption_version: int("minimum key version for decryption", { min: 1 }),
      min_encryption_version: int("minimum key version for encryption; 0 is the latest", { min: 0 }),
    }),
  }),
});
