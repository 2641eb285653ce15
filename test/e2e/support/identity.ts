import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pkiDir } from "../../cluster/pki.ts";
import type { Api } from "./api.ts";

/** What makes a cluster this one and no other; a wiped one shares none of it. */
export async function identityOf(api: Api): Promise<string[]> {
  const file = async (name: string) => `${name} ${await readFile(join(pkiDir, name), "utf8")}`;
  const system = await api.get("/api/v1/namespaces/kube-system"); // made once, by etcd's first API server
  const volumes = await api.list("/api/v1/persistentvolumes");
  const of = volumes.map(({ metadata }) => `volume ${metadata.name} ${metadata.uid}`);
  return [await file("ca.crt"), await file("sa.pub"), `etcd ${system.metadata.uid}`, ...of];
}
