import { custodyInUse, otherCluster } from "../custody/owner.ts";
import type { InitRecord } from "../custody/record.ts";
import { type AppError, NotReadyError, RefusedError } from "../errors.ts";
import { type Answered, type ClusterState, type Member, names, unsealed } from "./state.ts";
import type { Refusal, Wait } from "./step.ts";
import { longestHeldMs } from "./time-limits.ts";

type MixUpState = Pick<ClusterState, "members" | "namespace" | "statefulSet" | "otherOwner"> & {
  readonly record: Pick<InitRecord, "clusterId"> | undefined;
};

/** A mix-up of two Vaults stops every command. @returns undefined if there is none */
export function refuseTwoClusters(state: MixUpState): RefusedError | undefined {
  return sharedCustody(state) ?? differentIds(state) ?? foreignId(state);
}

function sharedCustody({ namespace, statefulSet, otherOwner }: MixUpState): RefusedError | undefined {
  return otherOwner === undefined ? undefined : custodyInUse({ namespace, name: statefulSet }, otherOwner);
}

function differentIds({ members, namespace }: MixUpState): RefusedError | undefined {
  const known = unsealed(members).filter(({ status }) => status.clusterId !== undefined);
  if (new Set(known.map(({ status }) => status.clusterId)).size < 2) return undefined;
  const ids = known.map(({ pod, status }) => `${pod} belongs to cluster ${status.clusterId}`).join(", ");
  return new RefusedError(`the pods hold different Vaults: ${ids}`, {
    todo:
      "They were initialised separately. Keep the pods that hold your data. For each other pod, once you are certain that its data is not " +
      `needed, delete its volume claim and the pod in namespace ${namespace}; it then joins the pods that you kept.`,
  });
}

function foreignId({ record, members }: MixUpState): RefusedError | undefined {
  const expected = record?.clusterId;
  if (expected === undefined) return undefined;
  for (const { pod, status } of unsealed(members)) {
    const { clusterId } = status;
    if (clusterId !== undefined && clusterId !== expected) return otherCluster(pod, clusterId, expected);
  }
  return undefined;
}

/** A pod that does not answer is never assumed to be empty. */
export function notAnswering(pods: readonly Member[]): string {
  return pods.map(({ pod, silence }) => `${pod} has not answered (${silence})`).join("; ");
}

/** How to replace the keys after a rekey. The Secret is immutable, so it must be recreated. */
export function replaceKeysHint(where: string): string {
  return `Lift the protection of custody (docs/runbook.md), then delete ${where} and create it with all present shares (share-0 and so on), "shares" and "threshold".`;
}

/** Vault is unsealed, and the keys that init stored do not exist any more. @param fingerprint of the stored keys */
export function keysGone(custody: string, members: readonly Answered[], fingerprint: string): RefusedError {
  const autoUnseal = members.every(({ status }) => status.autoUnseal);
  const first = autoUnseal
    ? ""
    : "Restart no member before the keys are restored: a member that restarts stays sealed. ";
  const loss = autoUnseal
    ? "Vault unseals itself, but without its recovery keys nobody can rekey it or create a root token."
    : "Without the keys nobody can rekey Vault, or restore its snapshots.";
  return new RefusedError(
    `Vault is unsealed, but its ${autoUnseal ? "recovery" : "unseal"} keys are gone: init stored keys with fingerprint ${fingerprint}, and ${custody} does not exist`,
    {
      todo:
        `${first}Restore ${custody} from a backup with that fingerprint, or from a later one if Vault was rekeyed, and run init again. ${loss} ` +
        "If there is no backup, copy your data out of Vault while it is unsealed, and move to a new Vault.",
    },
  );
}

/** Vault holds data, and custody has no keys to unseal it. @param more appended to the todo */
export function keysLost(state: ClusterState, pods: readonly Answered[], more = ""): RefusedError {
  return new RefusedError(
    `${names(pods)} hold${pods.length === 1 ? "s" : ""} an initialised Vault, but ${state.custody} does not exist`,
    {
      todo:
        `${mayBeHeld(state.record)}Restore ${state.custody} from a backup, with all its share-N, shares and threshold. Without the keys ` +
        `nobody can decrypt this data; to give it up, delete the volume claims and pods of StatefulSet ${state.namespace}/${state.statefulSet}.${more}`,
    },
  );
}

/** Whether init called Vault and the response was not stored. Without a call, someone else may have initialised this Vault. */
export function lostItsResponse({ calledAt, fingerprint }: InitRecord): boolean {
  return Boolean(calledAt) && fingerprint === undefined;
}

/**
 * Warns that another run may hold the keys: a run cut off from Kubernetes loses the Lease, but still tries to store them.
 * @returns "" if no run may hold them
 */
export function mayBeHeld(record: InitRecord | undefined): string {
  if (record === undefined || !lostItsResponse(record)) return "";
  const called = Date.parse(record.calledAt ?? "");
  if (Number.isNaN(called)) return "";
  const until = new Date(called + longestHeldMs).toISOString();
  return `Until ${until} a run of init that cannot reach Kubernetes may still hold the keys: delete nothing before that. `;
}

/** Keys may exist, but could not be read: a wait if Kubernetes did not answer, otherwise a refusal. */
export function unreadableKeys(error: AppError): Wait | Refusal {
  return error instanceof NotReadyError ? { act: "wait", for: error.message } : { act: "refuse", error };
}

/** How to accept the loss of a Vault whose response to init was lost. */
export function remakeUnusedHint(intent: string): string {
  return (
    `Write recovery: {remakeUnused: "${intent}"} into the desired state, and init deletes the volumes and pods of this ` +
    "unused Vault and initialises a new one."
  );
}
