import type { LiveReader } from "../../model/kind.ts";
import type { Values } from "../../model/values.ts";
import { mountsOf } from "../../mount/mount.ts";
import { mountsBefore } from "../../mount/possible-mounts.ts";

/** @returns the KV mount in Vault that a path is in, and the path in it; undefined if no KV engine is mounted above it */
export async function kvPlaceOf(
  reader: LiveReader,
  path: string,
): Promise<{ mount: string; path: string } | undefined> {
  const mounts = await mountsOf(reader, "secrets");
  const isKv = (name: string) => (mounts[`${name}/`] as Values | undefined)?.["type"] === "kv";
  const mount = mountsBefore(path)
    .map((each) => each.slice("sys/mounts/".length))
    .findLast((name) => name !== path && isKv(name));
  return mount === undefined ? undefined : { mount, path: path.slice(mount.length + 1) };
}
