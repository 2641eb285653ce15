import { DeniedError } from "../../errors.ts";
import type { BringUp } from "../context.ts";
import type { ClusterState } from "../state.ts";

/**
 * Deletes the volumes and pods of a Vault that was initialised and never used, so that the StatefulSet makes them
 * anew. Only those that were looked at: each deletion names its UID. All are tried first, since a claim that is marked for
 * deletion cannot be kept any more.
 *
 * @param pods those that are to be made anew, with their claims
 */
export async function recreate(bringUp: BringUp, state: ClusterState, pods: readonly string[]): Promise<void> {
  await deleteAll(bringUp, state, pods, true);
  await bringUp.custody.dropRootToken();
  await deleteAll(bringUp, state, pods, false);
}

async function deleteAll(
  { cluster: { kube, run } }: BringUp,
  { claims, members }: ClusterState,
  pods: readonly string[],
  dryRun: boolean,
): Promise<void> {
  const { namespace } = run.settings;
  // a claim goes once no pod uses it any more, and the new pod waits for that
  for (const { name, uid, pod } of claims) {
    if (!pods.includes(pod)) continue;
    await kube.deleteClaim(namespace, name, uid, dryRun).catch(namingTheFile);
    if (!dryRun) run.log.info({ claim: name, uid }, "deleted an unused volume claim");
  }
  for (const { pod, uid } of members) {
    if (uid === undefined || !pods.includes(pod)) continue;
    await kube.deletePod(namespace, pod, uid, dryRun).catch(namingTheFile);
    if (!dryRun) run.log.info({ pod, uid }, "deleted a pod that was never used");
  }
}

/** The hook has these rights only where someone gives them to it for this. */
function namingTheFile(error: unknown): never {
  if (!(error instanceof DeniedError)) throw error;
  throw new DeniedError(error.message, {
    cause: error,
    todo:
      "init may delete volumes and pods only by hooks/rbac/remake.yaml: add it to hooks/kustomization.yaml beside the word in Git, " +
      `naming each member there, sync, and take both out afterwards. ${error.todo ?? ""}`,
  });
}
