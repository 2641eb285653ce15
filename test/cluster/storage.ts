import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { kubectl } from "./kubernetes.ts";
import { stateDir } from "./paths.ts";
import { ensureProcess } from "./processes.ts";

export const storageClassName = "standard";
export const provisionerName = "vault-hooks.dev/local";
export const volumesDir = join(stateDir, "volumes");

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: provisionerName,
  reclaimPolicy: "Delete",
  // A claim that is bound while the scheduler looks at its pod has let the pod wait for minutes: here the scheduler itself comes first.
  volumeBindingMode: "WaitForFirstConsumer",
};

/** Makes the default storage class, and starts the process that serves it. */
export async function ensureStorage(): Promise<void> {
  await mkdir(volumesDir, { recursive: true });
  const input = JSON.stringify(storageClass);
  const applied = kubectl(["apply", "-f", "-"], { input });
  // what an older checkout has made may perhaps not be changed, but be made anew
  await applied.catch(() => kubectl(["replace", "--force", "-f", "-"], { input }));
  await ensureProcess({
    name: "provisioner",
    command: process.execPath,
    args: [join(import.meta.dirname, "provisioner.ts")],
  });
}
