import { existsSync } from "node:fs";
import { ensureHost } from "../cluster/host.ts";
import { ensureServers } from "../cluster/servers.ts";
import type { ServerName } from "../cluster/versions.ts";

/**
 * Paths of the servers that integration tests run; those not yet in the cache are built first.
 * etcd is Debian's own, since it is needed by the embedded cluster anyway.
 */
export async function binaries<N extends ServerName>(...names: N[]): Promise<Record<N | "etcd", string>> {
  const etcd = "/usr/bin/etcd";
  if (!existsSync(etcd)) await ensureHost();
  return { ...(await ensureServers(names)), etcd } as Record<N | "etcd", string>;
}
