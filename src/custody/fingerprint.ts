import { createHash } from "node:crypto";

/**
 * Names a set of key shares without revealing anything about them. Sets with the same shares have the same fingerprint.
 * A person quotes it in Git to say which keys may be given up.
 *
 * @param shares in any order
 * @returns the first 16 hexadecimal digits of SHA-256 over the sorted shares
 */
export function fingerprintOf(shares: readonly string[]): string {
  return createHash("sha256")
    .update([...shares].sort().join("\n"))
    .digest("hex")
    .slice(0, 16);
}
