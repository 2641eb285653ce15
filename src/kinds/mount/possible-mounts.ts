/**
 * Every path at which the mount may be declared that an API path lies in, since a mount's own path may hold slashes:
 * for `auth/a/b` those are `sys/auth/a/b` and `sys/auth/a`.
 */
export function mountsBefore(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  const isAuth = parts[0] === "auth";
  const names = isAuth ? parts.slice(1) : parts;
  return names.map((_, i) => `sys/${isAuth ? "auth" : "mounts"}/${names.slice(0, i + 1).join("/")}`);
}
