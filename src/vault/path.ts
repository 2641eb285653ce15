import { ConfigError } from "../errors.ts";

/** Paths that need no encoding and have no dot; the fast path. */
const plain = /^[\w-]+(?:\/[\w-]+)*$/;

/**
 * Builds an API path with every segment encoded, so that a name with `=`, `&`, `%` or a space reaches Vault unchanged.
 * Slashes in `parts` stay separators: `vaultPath("auth", mount, "role", name)`.
 * @throws ConfigError for a segment `.` or `..`, because every URL library resolves these, encoded or not
 */
export function vaultPath(...parts: string[]): string {
  const [only = ""] = parts;
  if (parts.length === 1 && plain.test(only)) return only;
  const segments = parts.flatMap((part) => part.split("/")).filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new ConfigError(`path "${parts.join("/")}": found "." or ".." as a name, which no URL can carry`);
  }
  return segments.map(encodeURIComponent).join("/");
}
