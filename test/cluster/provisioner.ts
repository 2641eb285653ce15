/**
 * The process behind the storage class. It gives each claim a folder on the node that the scheduler has chosen for its pod, and
 * removes the folder when the claim is gone.
 */
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { ApiException, CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";
import { clusterName, kubeconfig } from "./paths.ts";
import { run } from "./run.ts";
import { provisionerName, storageClassName, volumesDir } from "./storage.ts";

const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(CoreV1Api);
const hostname = "kubernetes.io/hostname";

watch("/api/v1/persistentvolumeclaims", () => core.listPersistentVolumeClaimForAllNamespaces(), provision);
watch("/api/v1/persistentvolumes", () => core.listPersistentVolume(), reclaim);

type Listed = V1PersistentVolume | V1PersistentVolumeClaim;

function watch<T extends Listed>(
  path: string,
  list: () => Promise<{ items: T[] }>,
  handle: (object: T) => Promise<void>,
) {
  const informer = makeInformer(config, path, list as Parameters<typeof makeInformer<T>>[2]);
  const safely = (object: T) => {
    handle(object).catch((error: unknown) => console.error(object.metadata?.name, error));
  };
  informer.on("add", safely);
  informer.on("update", safely);
  informer.on("error", (error) => {
    console.error(path, error);
    setTimeout(start, 1000); // the API server restarts, or is still coming up: a watch that broke is begun again
  });
  const start = () => void informer.start().catch((error: unknown) => informer.stop().finally(() => retry(error)));
  const retry = (error: unknown) => {
    console.error(path, error);
    setTimeout(start, 1000);
  };
  start();
}

async function provision(claim: V1PersistentVolumeClaim): Promise<void> {
  const { name, namespace, uid } = claim.metadata ?? {};
  const node = claim.metadata?.annotations?.["volume.kubernetes.io/selected-node"];
  const wanted = claim.spec?.storageClassName === storageClassName && !claim.spec.volumeName;
  if (!wanted || !node || !name || !namespace || !uid) return;
  const path = join(volumesDir, `${namespace}-${name}-${uid}`);
  await makeFolder(node, path);
  const body = volume(claim, `pvc-${uid}`, node, path);
  await core.createPersistentVolume({ body }).catch((error: unknown) => {
    if (!(error instanceof ApiException && error.code === 409)) throw error;
  });
  console.log(`${namespace}/${name} has ${path} on ${node}`);
}

/** Every user may write to it, since fsGroup has no effect on a folder of the host. A node of kind is a container of its name. */
async function makeFolder(node: string, path: string): Promise<void> {
  if (clusterName === "kind") await run("docker", ["exec", node, "mkdir", "-p", "-m", "777", path]);
  else {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
  }
}

async function removeFolder(node: string, path: string): Promise<void> {
  if (clusterName === "kind") await run("docker", ["exec", node, "rm", "-rf", path]);
  else await rm(path, { recursive: true, force: true });
}

function volume(claim: V1PersistentVolumeClaim, name: string, node: string, path: string): V1PersistentVolume {
  const { name: claimName, namespace, uid } = claim.metadata ?? {};
  const terms = [{ matchExpressions: [{ key: hostname, operator: "In", values: [node] }] }];
  return {
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": provisionerName } },
    spec: {
      storageClassName,
      persistentVolumeReclaimPolicy: "Delete",
      capacity: claim.spec?.resources?.requests ?? {},
      accessModes: claim.spec?.accessModes ?? [],
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        ...(claimName && { name: claimName }),
        ...(namespace && { namespace }),
        ...(uid && { uid }),
      },
      hostPath: { path, type: "Directory" },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  };
}

async function reclaim(object: V1PersistentVolume): Promise<void> {
  const name = object.metadata?.name;
  const path = object.spec?.hostPath?.path;
  const ours = object.metadata?.annotations?.["pv.kubernetes.io/provisioned-by"] === provisionerName;
  if (!ours || !name || object.status?.phase !== "Released" || !path?.startsWith(`${volumesDir}/`)) return;
  const terms = object.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const node = terms[0]?.matchExpressions?.find(({ key }) => key === hostname)?.values?.[0] ?? "";
  await removeFolder(node, path);
  await core.deletePersistentVolume({ name });
  console.log(`${path} is gone`);
}
