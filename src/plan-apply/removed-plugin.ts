import { type Item, uncachedReader } from "../kinds/model/kind.ts";
import { isMount, mountAround, mountsOf } from "../kinds/mount/mount.ts";
import { readerIn, relativeToNamespace } from "../kinds/system/namespaces.ts";
import type { Vault } from "../vault/client.ts";

type Plugin = { readonly catalog: "auth" | "secret"; readonly name: string; readonly since: string };

/**
 * The plugins that were built into OpenBao, and the version that no longer has them.
 * @see https://github.com/openbao/openbao/blob/main/CHANGELOG.md
 */
const removed: readonly Plugin[] = [
  { catalog: "auth", name: "kerberos", since: "2.7.0" },
  { catalog: "auth", name: "ldap", since: "2.7.0" },
  { catalog: "auth", name: "radius", since: "2.7.0" },
  { catalog: "secret", name: "ldap", since: "2.7.0" },
];

/**
 * @param reason the error of a write. A new mount's plugin is not in the catalog; a mount from before an upgrade has no backend
 * @returns the plugin that the item needs, if OpenBao had it once
 */
export async function findRemovedPlugin(vault: Vault, item: Item, reason: string): Promise<Plugin | undefined> {
  if (!/catalog|backend is nil/.test(reason)) return undefined;
  const catalog = mountPath(item).startsWith("sys/auth/") ? "auth" : "secret";
  const type = isMount(item.kind) ? item.desired["type"] : await liveType(vault, item, catalog);
  return removed.find((each) => each.catalog === catalog && each.name === type);
}

function mountPath(item: Item): string {
  const { path, within = "" } = relativeToNamespace(item);
  return isMount(item.kind) ? path : within;
}

/** @returns the type of the mount around the item; undefined if it cannot be read, since this only improves a message */
async function liveType(vault: Vault, item: Item, catalog: Plugin["catalog"]): Promise<unknown> {
  const reader = readerIn(item.namespace, uncachedReader(vault));
  const mounts = await mountsOf(reader, catalog === "auth" ? "auth" : "secrets").catch(() => undefined);
  const mount = mounts?.[`${mountAround(relativeToNamespace(item))}/`];
  return (mount as { readonly type?: unknown } | undefined)?.type;
}
