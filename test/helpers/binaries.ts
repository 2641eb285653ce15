import { existsSync } from "node:fs";
import { ensureHost } from "../cluster/host.ts";
import { ensureServers } from "../cluster/servers.ts";
import type { ServerName } from "../cluster/versions.ts";

/**
 * Returns the paths of the servers that integration tests run. Builds those that are not yet in the cache.
 * etcd is Debian's package, which the embedded cluster needs anyway.
 */
export async function binaries<N extends ServerName>(...names: N[]): Promise<Record<N | "etcd", string>> {
  const etcd = "/usr/bin/etcd";
  if (!existsSync(etcd)) await ensureHost();
  return { ...(await ensureServers(names)), etcd } as Record<N | "etcd", string>;
}
