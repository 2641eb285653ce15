import type { InitRecord } from "../../custody/record.ts";
import type { Recovery } from "../../custody/recovery.ts";
import { type AppError, RefusedError } from "../../errors.ts";
import {
  keysGone,
  keysLost,
  lostItsResponse,
  mayBeHeld,
  notAnswering,
  refuseTwoClusters,
  remakeUnusedHint,
  unreadableKeys,
} from "../refusals.ts";
import { type Answered, type ClusterState, names, sealed, silent, uninitialised, unsealed } from "../state.ts";
import type { Step } from "../step.ts";
import { acceptedBefore, keysAndStorageLost, storageLost } from "./losses.ts";

export type InitChange =
  | { readonly act: "finish" }
  | { readonly act: "archive"; readonly fingerprint: string }
  | { readonly act: "recreate"; readonly intent: string; readonly pods: readonly string[] }
  | { readonly act: "initialise"; readonly pod: string; readonly autoUnseal: boolean };

type InitStep = Step<InitChange>;

/**
 * Decides the next step of init from storage and custody. Initialising destroys existing data, so it comes last, after every
 * reason against it.
 */
export function planInit(state: ClusterState, recovery: Recovery): InitStep {
  const mixUp = refuseTwoClusters(state);
  if (mixUp !== undefined) return { act: "refuse", error: mixUp };
  if (state.unfinished) return { act: "finish" };
  const unsealedMembers = unsealed(state.members);
  if (unsealedMembers.length > 0) return planUnsealed(state, unsealedMembers);
  const sealedMembers = sealed(state.members);
  if (sealedMembers.length > 0) return planSealed(state, sealedMembers, recovery);
  return planEmpty(state, recovery);
}

function planUnsealed(state: ClusterState, members: Answered[]): InitStep {
  const why = "Vault is initialised and unsealed";
  if (state.keys.kind === "keys") return { act: "nothing", why };
  const gone = storedKeysGone(state, members);
  if (gone !== undefined) return { act: "refuse", error: gone };
  // with auto-unseal Vault is unsealed even if the response to init was lost, and then nobody can log in
  const autoUnseal = members.every(({ status }) => status.autoUnseal);
  if (state.keys.kind === "none" && autoUnseal && isOfRecordedCall(state))
    return { act: "refuse", error: nobodyCanLogIn(state, members) };
  const problem = state.keys.kind === "none" ? `${state.custody} does not exist` : state.keys.error.message;
  return { act: "nothing", why, warning: `${problem}: once Vault is sealed, vault-hooks cannot unseal it` };
}

/** Keys that init stored, and that are missing or damaged now. While Vault is unsealed, nothing else would show it. */
function storedKeysGone({ keys, custody, record }: ClusterState, members: Answered[]): AppError | undefined {
  if (record?.fingerprint === undefined) return undefined;
  if (keys.kind === "none") return keysGone(custody, members, record.fingerprint);
  return keys.kind === "unknown" && keys.error instanceof RefusedError ? keys.error : undefined;
}

/** No declaration in Git recreates this Vault, because it is unsealed and someone may be using it. */
function nobodyCanLogIn({ custody, namespace, statefulSet, record }: ClusterState, members: Answered[]): RefusedError {
  const message =
    `${names(members)} unsealed ${members.length === 1 ? "itself" : "themselves"}, but the response to its initialisation by ` +
    `intent ${record?.intent} was not stored: ${custody} does not exist`;
  return new RefusedError(message, {
    todo:
      `${mayBeHeld(record)}If nobody has used this Vault, delete the volume claims and pods of StatefulSet ${namespace}/${statefulSet} and run init again. ` +
      `If its recovery keys and root token are elsewhere, put them into ${custody} and into Secret vault-root-token in the same namespace.`,
  });
}

function planSealed(state: ClusterState, sealedMembers: Answered[], recovery: Recovery): InitStep {
  if (state.keys.kind === "keys") return { act: "nothing", why: "Vault is initialised and sealed; run unseal next" };
  if (state.keys.kind === "unknown") return unreadableKeys(state.keys.error);
  const silentMembers = silent(state.members);
  if (silentMembers.length > 0) return { act: "wait", for: notAnswering(silentMembers) };
  return planWithoutKeys(state, sealedMembers, recovery);
}

function planWithoutKeys(state: ClusterState, members: Answered[], recovery: Recovery): InitStep {
  const { record } = state;
  if (record === undefined || !wasNeverUsed(state)) return { act: "refuse", error: keysLost(state, members) };
  const { intent } = record;
  if (recovery.remakeUnused === intent) return { act: "recreate", intent, pods: state.members.map(({ pod }) => pod) };
  const more =
    ` Intent ${intent} initialised it on these very volumes, and no run of vault-hooks has unsealed it since. ` +
    `If nobody else has used it either, it is empty. ${remakeUnusedHint(intent)}`;
  return { act: "refuse", error: keysLost(state, members, more) };
}

/** Whether Vault, as far as this program knows, was initialised by the recorded intent, and was never unsealed since. */
function wasNeverUsed(state: ClusterState): boolean {
  return isOfRecordedCall(state) && neverUnsealed(state.record);
}

function neverUnsealed(record: InitRecord | undefined): boolean {
  return record?.unsealedAt === undefined && record?.clusterId === undefined;
}

/** Whether the recorded intent called Vault on these very volumes, and the response was not stored. */
function isOfRecordedCall({ record, statefulSetUid, claims, members }: ClusterState): boolean {
  if (record === undefined || !lostItsResponse(record) || silent(members).length > 0) return false;
  const now = storageOf({ claims, members });
  const sameCount = Object.keys(record.storage).length === Object.keys(now).length;
  const sameUids = Object.entries(now).every(([name, uid]) => record.storage[name] === uid);
  return sameCount && record.statefulSet === statefulSetUid && sameUids;
}

/** Name to UID of the objects that hold the data: the volume claims, or the pods if there are no claims. */
export function storageOf({ claims, members }: Pick<ClusterState, "claims" | "members">): Record<string, string> {
  if (claims.length > 0) return Object.fromEntries(claims.map(({ name, uid }) => [name, uid]));
  return Object.fromEntries(members.map(({ pod, uid }) => [pod, uid ?? ""]));
}

function planEmpty(state: ClusterState, recovery: Recovery): InitStep {
  const { keys } = state;
  const orphans = orphanedClaims(state);
  if (orphans !== undefined) return { act: "refuse", error: orphans };
  if (keys.kind === "unknown") return unreadableKeys(keys.error);
  const interrupted = interruptedRecreate(state, recovery);
  if (interrupted !== undefined) return interrupted;
  const missing = unaccounted(state);
  if (missing !== undefined) return { act: "wait", for: missing };
  if (keys.kind === "keys" && recovery.acceptDataLoss !== keys.keys.fingerprint) {
    return { act: "refuse", error: storageLost(state, keys.keys.fingerprint) };
  }
  if (keys.kind === "keys" && wereGivenUpBefore(state, keys.keys.fingerprint))
    return { act: "refuse", error: acceptedBefore(state, keys.keys.fingerprint) };
  if (keys.kind === "keys") return { act: "archive", fingerprint: keys.keys.fingerprint };
  // the record still has the fingerprint after this very run, or an earlier one, has archived the keys
  const stored = state.record?.fingerprint;
  if (stored !== undefined && recovery.acceptDataLoss !== stored)
    return { act: "refuse", error: keysAndStorageLost(state, stored) };
  const unresolved = unresolvedCall(state);
  if (unresolved !== undefined) return { act: "refuse", error: unresolved };
  const first = uninitialised(state.members)[0];
  if (first === undefined) return { act: "wait", for: "no pod has answered" };
  return { act: "initialise", pod: first.pod, autoUnseal: first.status.autoUnseal };
}

/**
 * A call of init whose outcome is not known: its connection broke, and Vault may still be working on it. It ends with the pod that
 * was called, and init is not called a second time before that.
 */
function unresolvedCall(state: ClusterState): RefusedError | undefined {
  const { record, members, namespace } = state;
  const called = members.find(({ uid }) => uid !== undefined && uid === record?.calledPod);
  if (record === undefined || called === undefined || !isOfRecordedCall(state)) return undefined;
  return new RefusedError(
    `${called.pod} may still be working on the call of init with intent ${record.intent}, whose connection broke at ${record.calledAt}`,
    {
      todo:
        `${mayBeHeld(record)}Run init again to see whether Vault has finished it. If it stays uninitialised, delete pod ${called.pod} in namespace ` +
        `${namespace}, which ends the call, and run init again. Nothing is lost: Vault holds no data yet.`,
    },
  );
}

/** Claims that an interrupted run marked for deletion stay as long as their pods. Those pods must still be deleted. */
function interruptedRecreate(state: ClusterState, { remakeUnused }: Recovery): InitStep | undefined {
  const { claims, members, keys, record } = state;
  if (record === undefined || remakeUnused !== record.intent || record.statefulSet !== state.statefulSetUid)
    return undefined;
  if (keys.kind !== "none" || !lostItsResponse(record) || !neverUnsealed(record) || silent(members).length > 0)
    return undefined;
  const recorded = Object.values(record.storage);
  const pods = claims.filter(({ deleting, uid }) => deleting && recorded.includes(uid)).map(({ pod }) => pod);
  return pods.length === 0 ? undefined : { act: "recreate", intent: record.intent, pods };
}

/** Claims whose pods do not exist and will not be created: their data would be ignored. */
function orphanedClaims({ claims, members, namespace, statefulSet }: ClusterState): RefusedError | undefined {
  const pods = new Set(members.map(({ pod }) => pod));
  const orphans = claims.filter(({ pod, deleting }) => !pods.has(pod) && !deleting);
  if (orphans.length === 0) return undefined;
  const claimNames = orphans.map(({ name }) => name).join(", ");
  return new RefusedError(`the volume claims ${claimNames} may hold a Vault's data, and their pods do not exist`, {
    todo:
      `Scale StatefulSet ${namespace}/${statefulSet} up so that each claim has its pod, and run init again. ` +
      "Or delete the claims, once you are certain that their data is not needed.",
  });
}

/** @returns the reason why the storage is not fully known yet; undefined if it is */
function unaccounted(state: ClusterState): string | undefined {
  if (state.replicas === 0) return `StatefulSet ${state.namespace}/${state.statefulSet} has no replicas`;
  const silentMembers = silent(state.members);
  if (silentMembers.length > 0) return notAnswering(silentMembers);
  const deleting = state.claims.filter((claim) => claim.deleting);
  if (deleting.length > 0) return `the volume claims ${deleting.map(({ name }) => name).join(", ")} are being deleted`;
  return undefined;
}

/** Another Vault was initialised since these keys were archived, so somebody restored them. A run that was killed in between was not. */
function wereGivenUpBefore({ keysArchived, record }: ClusterState, fingerprint: string): boolean {
  return keysArchived && record?.fingerprint !== undefined && record.fingerprint !== fingerprint;
}
