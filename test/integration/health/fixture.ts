import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HealthStatus } from "../../../src/health/vault-health.ts";
import { projectDir } from "../../cluster/paths.ts";
import type { KubeServer } from "../../helpers/kube-server.ts";

const manifests = { crd: "hooks/watch/kind/crd.yaml", rights: "hooks/watch/base/health/rbac.yaml" } as const;
const object = "apps/vault-health/vault-health.yaml";

async function read(file: string): Promise<string> {
  return await readFile(join(projectDir, file), "utf8");
}

/** Creates the watcher's namespace and its ServiceAccount, the kind VaultHealth, the rights on it, and the object itself. */
export async function installHealth(kube: KubeServer): Promise<void> {
  await kube.apply(`
{apiVersion: v1, kind: Namespace, metadata: {name: vault-watch}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: vault-hooks-watch, namespace: vault-watch}}
`);
  await kube.apply(await read(manifests.crd));
  await kube.apply(await read(manifests.rights));
  await kube.kubectl(["wait", "--for=condition=Established", "crd/vaulthealths.vault-hooks.dev", "--timeout=30s"]);
  await createHealth(kube);
}

/** Creates the object, without a status. */
export async function createHealth(kube: KubeServer): Promise<void> {
  const text = await read(object);
  // the API server serves a new kind some moments after it has established it
  for (let tries = 0; ; tries++) {
    try {
      return await kube.apply(text);
    } catch (error) {
      if (tries === 50) throw error;
      await delay(100);
    }
  }
}

export async function removeHealth(kube: KubeServer): Promise<void> {
  await kube.kubectl(["delete", "vaulthealth", "vault", "-n", "vault-watch"]);
}

type Stored = { metadata: { annotations?: Record<string, string>; resourceVersion: string }; status?: HealthStatus };

export async function storedHealth(kube: KubeServer): Promise<Stored> {
  return JSON.parse(await kube.kubectl(["get", "vaulthealth", "vault", "-n", "vault-watch", "-o=json"])) as Stored;
}

/** Creates a hook's ServiceAccount and its rights in the namespaces of Vault and of custody. */
export async function installHook(kube: KubeServer, command: string): Promise<void> {
  await kube.apply(await read(`hooks/base/${command}/rbac.yaml`));
}
