import { DeniedError } from "../errors.ts";
import type { BringUp } from "./context.ts";
import type { ClusterState } from "./state.ts";

/**
 * Deletes the volumes and pods of a Vault that was initialised and never used, so that the StatefulSet makes them
 * anew. Only those that were looked at: each deletion names its UID.
 */
export async function remake({ cluster, custody }: BringUp, { claims, members }: ClusterState): Promise<void> {
  const { kube, run } = cluster;
  const { namespace } = run.settings;
  await custody.dropRootToken();
  // a claim goes once no pod uses it any more, and the new pod waits for that
  for (const { name, uid } of claims) {
    await kube.deleteClaim(namespace, name, uid).catch(namingTheFile);
    run.log.info({ claim: name, uid }, "deleted an unused volume claim");
  }
  for (const { pod, uid } of members) {
    if (uid === undefined) continue;
    await kube.deletePod(namespace, pod, uid).catch(namingTheFile);
    run.log.info({ pod, uid }, "deleted a pod that was never used");
  }
}

/** The hook has these rights only where someone gives them to it for this. */
function namingTheFile(error: unknown): never {
  if (!(error instanceof DeniedError)) throw error;
  throw new DeniedError(error.message, {
    cause: error,
    todo:
      "init may delete volumes and pods only by hooks/rbac/remake.yaml: add it to hooks/kustomization.yaml beside the word in Git, " +
      `sync, and take both out afterwards. ${error.todo ?? ""}`,
  });
}
