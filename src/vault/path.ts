/**
 * An API path with every segment encoded, so that a name with `=`, `&`, `%` or a space reaches Vault as it is.
 * Strings among `parts` may hold slashes, which stay separators: `vaultPath("auth/", mount, "role", name)`.
 */
export function vaultPath(...parts: string[]): string {
  return parts
    .flatMap((part) => part.split("/"))
    .filter((segment) => segment !== "")
    .map(encodeURIComponent)
    .join("/");
}
