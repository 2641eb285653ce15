import type { InitRecord } from "../custody/record.ts";
import { type AppError, NotReadyError, RefusedError } from "../errors.ts";
import { type Answered, type ClusterState, type Member, names, open } from "./state.ts";
import { longestHeldMs } from "./time-limits.ts";

/** All that a mix-up is told by. */
type MixUpState = Pick<ClusterState, "members" | "namespace" | "statefulSet" | "record" | "otherOwner">;

/** What no command goes on with, whatever it came to do. */
export function refuseTwoClusters(state: MixUpState): RefusedError | undefined {
  return sharedCustody(state) ?? differentIds(state) ?? foreignId(state);
}

/** Keys and record are of another Vault: nothing of this one can be told by them, and no word may give them up. */
function sharedCustody({ namespace, statefulSet, otherOwner }: MixUpState): RefusedError | undefined {
  if (otherOwner === undefined) return undefined;
  return new RefusedError(
    `custody is in use by another Vault: ConfigMap vault-init-record there is of StatefulSet ${otherOwner}, not of ${namespace}/${statefulSet}`,
    {
      todo:
        `Each Vault needs a custody namespace of its own: give StatefulSet ${namespace}/${statefulSet} another one by --custody-namespace. ` +
        `Only if StatefulSet ${otherOwner} is gone for good, delete that ConfigMap.`,
    },
  );
}

function differentIds({ members, namespace }: MixUpState): RefusedError | undefined {
  const known = open(members).filter(({ status }) => status.clusterId !== undefined);
  if (new Set(known.map(({ status }) => status.clusterId)).size < 2) return undefined;
  const told = known.map(({ pod, status }) => `${pod} is of cluster ${status.clusterId}`).join(", ");
  return new RefusedError(`the pods hold different Vaults: ${told}`, {
    todo:
      "They were initialised apart. Keep those that hold your data. For each other one, once it is certain that nothing in it " +
      `is needed, delete its volume claim and its pod in namespace ${namespace}; it then joins the ones that were kept.`,
  });
}

function foreignId(state: MixUpState): RefusedError | undefined {
  const expected = state.record?.clusterId;
  const foreign = open(state.members).find(
    ({ status }) => status.clusterId !== undefined && status.clusterId !== expected,
  );
  return expected === undefined || foreign === undefined
    ? undefined
    : otherCluster(foreign.pod, foreign.status.clusterId, expected);
}

/** An unsealed pod that is not what the record says. It cannot be sealed again without a token. */
function otherCluster(pod: string, found: string | undefined, expected: string): RefusedError {
  return new RefusedError(`${pod} is of cluster ${found}, but the keys were recorded for cluster ${expected}`, {
    todo:
      "No further pod is touched. If this Vault was restored from a snapshot of another cluster, put that cluster's keys into custody " +
      "and remove clusterId from ConfigMap vault-init-record; else delete the volume of the pod that does not belong here.",
  });
}

/** Silence is never taken for emptiness. */
export function notAnswering(pods: readonly Member[]): string {
  return pods.map(({ pod, silence }) => `${pod} has not answered (${silence})`).join("; ");
}

/** The Secret cannot be changed, only made anew. */
export function replaceKeys(where: string): string {
  return `Delete ${where} and create it with all present shares (share-0 and so on), "shares" and "threshold"; docs/runbook.md says how.`;
}

/** Data, and nothing that opens it. */
export function keysLost(state: ClusterState, pods: readonly Answered[], more = ""): RefusedError {
  return new RefusedError(
    `${names(pods)} hold${pods.length === 1 ? "s" : ""} an initialised Vault, but ${state.custody} does not exist`,
    {
      todo:
        `${mayBeHeld(state.record)}Restore ${state.custody} from a backup, with all its share-N, shares and threshold. Without the keys ` +
        `nobody can open this data; to give it up, delete the volume claims and pods of StatefulSet ${state.namespace}/${state.statefulSet}.${more}`,
    },
  );
}

/** What was only intended, and never called, may have been done by someone else. */
export function lostItsAnswer({ calledAt, fingerprint }: InitRecord): boolean {
  return Boolean(calledAt) && fingerprint === undefined;
}

/** A run that is cut off from Kubernetes cannot renew the Lease, and tries all the same to keep the keys. */
export function mayBeHeld(record: InitRecord | undefined): string {
  if (record === undefined || !lostItsAnswer(record)) return "";
  const called = Date.parse(record.calledAt ?? "");
  if (Number.isNaN(called)) return "";
  const until = new Date(called + longestHeldMs).toISOString();
  return `Until ${until} a run of init that cannot reach Kubernetes may still hold the keys: delete nothing before that. `;
}

/** Keys that may exist but were not read: worth a wait only if Kubernetes did not answer. */
export function unreadableKeys(error: AppError): { act: "wait"; for: string } | { act: "refuse"; error: AppError } {
  return error instanceof NotReadyError ? { act: "wait", for: error.message } : { act: "refuse", error };
}

/** The word that lets an init whose answer was lost be made again. */
export function remakeHint(intent: string): string {
  return (
    `Write recovery: {remakeUnused: "${intent}"} into the desired state, and init deletes the volumes and pods of this ` +
    "unused Vault and makes it again."
  );
}
