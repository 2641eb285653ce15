import { createHmac } from "node:crypto";
import type { Item } from "../../kinds/model/kind.ts";
import { type WriteOnly, writeOnlyIn } from "../../kinds/model/write-only-fields.ts";

/** The write-only fields that an object declares, with their values. */
export function writeOnlyOf({ kind, desired }: Item): WriteOnly[] {
  return kind.fields === undefined ? [] : writeOnlyIn(kind.fields, desired);
}

/** A keyed hash of one value: 128 of the 256 bits of HMAC-SHA-256 (RFC 2104 allows truncation): 22 characters for each field. */
export function hashOf({ key }: { readonly key: string }, path: string, { field, value }: WriteOnly): string {
  const mac = createHmac("sha256", Buffer.from(key, "base64"))
    .update(JSON.stringify([path, field, value]))
    .digest();
  return mac.subarray(0, 16).toString("base64url");
}
