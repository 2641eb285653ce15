import { ConfigError } from "../errors.ts";

/** What encoding leaves as it is, without a dot. */
const ordinary = /^[\w-]+(?:\/[\w-]+)*$/;

/**
 * An API path with every segment encoded, so that a name with `=`, `&`, `%` or a space reaches Vault as it is.
 * Strings among `parts` may hold slashes, which stay separators: `vaultPath("auth", mount, "role", name)`.
 * @throws ConfigError for a segment `.` or `..`: every URL library takes them for steps, encoded or not
 */
export function vaultPath(...parts: string[]): string {
  const [only = ""] = parts;
  if (parts.length === 1 && ordinary.test(only)) return only;
  const segments = parts.flatMap((part) => part.split("/")).filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new ConfigError(`path "${parts.join("/")}": found "." or ".." as a name, which no URL can carry`);
  }
  return segments.map(encodeURIComponent).join("/");
}
