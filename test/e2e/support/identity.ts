import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { controlPlane } from "../../cluster/kind/commands.ts";
import { clusterName } from "../../cluster/paths.ts";
import { pkiDir } from "../../cluster/pki.ts";
import { run } from "../../cluster/run.ts";
import type { Api } from "./api.ts";

/** Lists what identifies a cluster. After a wipe, none of it is the same. */
export async function identityOf(api: Api): Promise<string[]> {
  const file = async (name: string) => `${name} ${await pkiFile(name)}`;
  const system = await api.get("/api/v1/namespaces/kube-system"); // created once, by the first API server on a new etcd
  const volumes = await api.list("/api/v1/persistentvolumes");
  const volumeIds = volumes.map(({ metadata }) => `volume ${metadata.name} ${metadata.uid}`);
  return [await file("ca.crt"), await file("sa.pub"), `etcd ${system.metadata.uid}`, ...volumeIds];
}

async function pkiFile(name: string): Promise<string> {
  if (clusterName === "kind") return await run("docker", ["exec", controlPlane, "cat", `/etc/kubernetes/pki/${name}`]);
  return await readFile(join(pkiDir, name), "utf8");
}
