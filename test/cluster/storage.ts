import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { kubectl } from "./kubectl.ts";
import { clusterName, stateDir } from "./paths.ts";
import { ensureProcess } from "./processes.ts";

export const storageClassName = "standard";
export const provisionerName = "vault-hooks.dev/local";

/** Where the folders of volumes are: on this machine for the embedded node, in the node's container for kind. */
export const volumesDir = clusterName === "kind" ? "/var/local-volumes" : join(stateDir, "volumes");

export const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: provisionerName,
  reclaimPolicy: "Delete",
  // The scheduler chooses a node first. A claim that was bound while it looked at the pod made the pod wait for minutes.
  volumeBindingMode: "WaitForFirstConsumer",
};

/** Makes the default storage class, and starts the process that serves it. */
export async function ensureStorage(): Promise<void> {
  if (clusterName !== "kind") await mkdir(volumesDir, { recursive: true });
  const input = JSON.stringify(storageClass);
  const applied = kubectl(["apply", "-f", "-"], { input });
  // a class of an older checkout may have fields that cannot be changed
  await applied.catch(() => kubectl(["replace", "--force", "-f", "-"], { input }));
  await ensureProcess({
    name: "provisioner",
    command: process.execPath,
    args: [join(import.meta.dirname, "provisioner.ts")],
  });
}
