import { DeniedError } from "../../errors.ts";
import type { BringUp } from "../context.ts";
import type { ClusterState } from "../state.ts";

/**
 * Deletes the volume claims and pods of a Vault that was initialised and never used; the StatefulSet then creates new ones.
 * Deletes only what was observed: each request names the object's UID. All deletions are dry-run first, since a claim that is
 * marked for deletion cannot be kept any more.
 *
 * @param pods the pods to delete, together with their claims
 * @throws DeniedError if a permission is missing; the error names the file that grants it
 */
export async function recreate(bringUp: BringUp, state: ClusterState, pods: readonly string[]): Promise<void> {
  await deleteAll(bringUp, state, pods, true);
  if (state.rootTokenId !== undefined) await bringUp.custody.dropRootToken(state.rootTokenId);
  await deleteAll(bringUp, state, pods, false);
}

async function deleteAll(
  { cluster: { kube, run } }: BringUp,
  { claims, members }: ClusterState,
  pods: readonly string[],
  dryRun: boolean,
): Promise<void> {
  const { namespace } = run.settings;
  // claims first: a claim is removed once its old pod is gone, and the new pod waits until then
  for (const { name, uid, pod } of claims) {
    if (!pods.includes(pod)) continue;
    await kube.deleteClaim(namespace, name, uid, dryRun).catch(rethrowWithHint);
    if (!dryRun) run.log.info({ claim: name, uid }, "deleted an unused volume claim");
  }
  for (const { pod, uid } of members) {
    if (uid === undefined || !pods.includes(pod)) continue;
    await kube.deletePod(namespace, pod, uid, dryRun).catch(rethrowWithHint);
    if (!dryRun) run.log.info({ pod, uid }, "deleted a pod that was never used");
  }
}

/** Names the file that grants the missing permission, which the hook has only while someone needs it. */
function rethrowWithHint(error: unknown): never {
  if (!(error instanceof DeniedError)) throw error;
  throw new DeniedError(error.message, {
    cause: error,
    todo:
      "init may delete volumes and pods only with the Role in hooks/base/remake: add that folder to the resources of " +
      "hooks/kustomization.yaml together with remakeUnused, name each member in the Role, sync, and take both out afterwards. " +
      `${error.todo ?? ""}`,
  });
}
