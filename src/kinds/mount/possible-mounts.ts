/**
 * @returns the paths of every mount that may contain an API path, since a mount's own path may contain slashes:
 * `sys/auth/a` and `sys/auth/a/b` for `auth/a/b`
 */
export function mountsBefore(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  const isAuth = parts[0] === "auth";
  const names = isAuth ? parts.slice(1) : parts;
  return names.map((_, i) => `sys/${isAuth ? "auth" : "mounts"}/${names.slice(0, i + 1).join("/")}`);
}
