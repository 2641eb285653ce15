import type { InitRecord } from "../../custody/record.ts";
import { RefusedError } from "../../errors.ts";
import type { Nothing, Refusal } from "../reconcile.ts";
import {
  keysLost,
  lostItsAnswer,
  mayBeHeld,
  notAnswering,
  refuseTwoClusters,
  remakeHint,
  unreadableKeys,
} from "../refusals.ts";
import type { Wait } from "../settle.ts";
import {
  type Answered,
  type ClusterState,
  names,
  open,
  type Recovery,
  sealed,
  silent,
  uninitialised,
} from "../state.ts";

export type InitStep =
  | Nothing
  | { readonly act: "finish" }
  | { readonly act: "archive"; readonly fingerprint: string }
  | { readonly act: "remake"; readonly intent: string; readonly pods: readonly string[] }
  | { readonly act: "initialise"; readonly pod: string; readonly autoUnseal: boolean }
  | Refusal;

/**
 * The table of storage against custody: what `init` does next. Initialising destroys what is there, so it comes last,
 * after everything that speaks against it.
 */
export function planInit(state: ClusterState, recovery: Recovery): InitStep | Wait {
  const split = refuseTwoClusters(state);
  if (split !== undefined) return { act: "refuse", error: split };
  if (state.unfinished) return { act: "finish" };
  const opened = open(state.members);
  if (opened.length > 0) return planOpen(state, opened);
  const closed = sealed(state.members);
  if (closed.length > 0) return planSealed(state, closed, recovery);
  return planEmpty(state, recovery);
}

function planOpen(state: ClusterState, opened: Answered[]): InitStep | Wait {
  const why = "Vault is initialised and open";
  if (state.keys.kind === "keys") return { act: "nothing", why };
  // a Vault that unseals itself is open even if the answer to init was lost, and then nobody has a way in
  const itself = opened.every(({ status }) => status.autoUnseal);
  if (state.keys.kind === "none" && itself && isOfRecordedCall(state))
    return { act: "refuse", error: noWayIn(state, opened) };
  const trouble = state.keys.kind === "none" ? `${state.custody} does not exist` : state.keys.error.message;
  return { act: "nothing", why, warning: `${trouble}: once Vault is sealed, nothing here opens it` };
}

/** Never made again by a word: it is open, so someone may be using it. */
function noWayIn({ custody, namespace, statefulSet, record }: ClusterState, opened: Answered[]): RefusedError {
  const message =
    `${names(opened)} unsealed ${opened.length === 1 ? "itself" : "themselves"}, but the answer to its initialisation by ` +
    `intent ${record?.intent} was not kept: ${custody} does not exist`;
  return new RefusedError(message, {
    todo:
      `${mayBeHeld(record)}If nobody has used this Vault, delete the volume claims and pods of StatefulSet ${namespace}/${statefulSet} and run init again. ` +
      `If its recovery keys and root token are elsewhere, put them into ${custody} and Secret vault-root-token beside it.`,
  });
}

function planSealed(state: ClusterState, closed: Answered[], recovery: Recovery): InitStep | Wait {
  if (state.keys.kind === "keys") return { act: "nothing", why: "Vault is initialised; unseal opens it" };
  if (state.keys.kind === "unknown") return unreadableKeys(state.keys.error);
  const mute = silent(state.members);
  if (mute.length > 0) return { act: "wait", for: notAnswering(mute) };
  return planUnused(state, closed, recovery);
}

function planUnused(state: ClusterState, members: Answered[], recovery: Recovery): InitStep {
  const { record } = state;
  if (record === undefined || !wasNeverUsed(state)) return { act: "refuse", error: keysLost(state, members) };
  const { intent } = record;
  if (recovery.remakeUnused === intent) return { act: "remake", intent, pods: state.members.map(({ pod }) => pod) };
  const more =
    ` Intent ${intent} called for its initialisation on these very volumes, and no run of vault-hooks has opened it ` +
    `since. If nobody else has used it either, nothing is in it. ` +
    remakeHint(intent);
  return { act: "refuse", error: keysLost(state, members, more) };
}

/** As far as this program knows: initialised by the attempt on record, and never seen open since. */
function wasNeverUsed(state: ClusterState): boolean {
  return isOfRecordedCall(state) && neverOpened(state.record);
}

function neverOpened(record: InitRecord | undefined): boolean {
  return record?.unsealedAt === undefined && record?.clusterId === undefined;
}

/** Whether the attempt on record called Vault, on these very volumes, and its answer was not kept. */
function isOfRecordedCall({ record, statefulSetUid, claims, members }: ClusterState): boolean {
  if (record === undefined || !lostItsAnswer(record) || silent(members).length > 0) return false;
  const now = storageOf({ claims, members });
  const same = Object.keys(record.storage).length === Object.keys(now).length;
  return (
    same && record.statefulSet === statefulSetUid && Object.entries(now).every(([k, uid]) => record.storage[k] === uid)
  );
}

/** What holds the data: the volume claims, or the pods themselves where there are none. */
export function storageOf({ claims, members }: Pick<ClusterState, "claims" | "members">): Record<string, string> {
  if (claims.length > 0) return Object.fromEntries(claims.map(({ name, uid }) => [name, uid]));
  return Object.fromEntries(members.map(({ pod, uid }) => [pod, uid ?? ""]));
}

function planEmpty(state: ClusterState, recovery: Recovery): InitStep | Wait {
  const { keys } = state;
  const orphans = orphanedClaims(state);
  if (orphans !== undefined) return { act: "refuse", error: orphans };
  if (keys.kind === "unknown") return unreadableKeys(keys.error);
  const half = remadeByHalf(state, recovery);
  if (half !== undefined) return half;
  const missing = unaccounted(state);
  if (missing !== undefined) return { act: "wait", for: missing };
  if (keys.kind === "keys" && recovery.acceptDataLoss !== keys.keys.fingerprint) {
    return { act: "refuse", error: storageLost(state, keys.keys.fingerprint) };
  }
  if (keys.kind === "keys") return { act: "archive", fingerprint: keys.keys.fingerprint };
  const first = uninitialised(state.members)[0];
  if (first === undefined) return { act: "wait", for: "no pod has answered" };
  return { act: "initialise", pod: first.pod, autoUnseal: first.status.autoUnseal };
}

/** A run that was cut off has marked claims for deletion, and they stay for as long as their pods do: those are still to go. */
function remadeByHalf(state: ClusterState, { remakeUnused }: Recovery): InitStep | undefined {
  const { claims, members, keys, record } = state;
  if (record === undefined || remakeUnused !== record.intent || record.statefulSet !== state.statefulSetUid)
    return undefined;
  if (keys.kind !== "none" || !lostItsAnswer(record) || !neverOpened(record) || silent(members).length > 0)
    return undefined;
  const meant = Object.values(record.storage);
  const pods = claims.filter(({ deleting, uid }) => deleting && meant.includes(uid)).map(({ pod }) => pod);
  return pods.length === 0 ? undefined : { act: "remake", intent: record.intent, pods };
}

/** Volumes of pods that do not exist and are not going to: their data would be left out of everything. */
function orphanedClaims({ claims, members, namespace, statefulSet }: ClusterState): RefusedError | undefined {
  const pods = new Set(members.map(({ pod }) => pod));
  const orphans = claims.filter(({ pod, deleting }) => !pods.has(pod) && !deleting);
  if (orphans.length === 0) return undefined;
  const told = orphans.map(({ name }) => name).join(", ");
  return new RefusedError(`the volume claims ${told} may hold a Vault's data, and their pods do not exist`, {
    todo:
      `Nothing is initialised until they are accounted for: scale StatefulSet ${namespace}/${statefulSet} up so that each has its pod, ` +
      "or, once it is certain that nothing in them is needed, delete these claims.",
  });
}

function unaccounted(state: ClusterState): string | undefined {
  if (state.replicas === 0) return `StatefulSet ${state.namespace}/${state.statefulSet} has no replicas`;
  const mute = silent(state.members);
  if (mute.length > 0) return notAnswering(mute);
  const going = state.claims.filter(({ deleting }) => deleting);
  if (going.length > 0) return `the volume claims ${going.map(({ name }) => name).join(", ")} are being deleted`;
  return undefined;
}

function storageLost(state: ClusterState, fingerprint: string): RefusedError {
  const message =
    `the storage was lost: ${names(state.members)} hold no data, but ${state.custody} has the keys of a Vault ` +
    `(fingerprint ${fingerprint})`;
  return new RefusedError(message, {
    todo:
      "Bring the volumes back, or restore a snapshot. To give the old data up and begin anew, write " +
      `recovery: {acceptDataLoss: "${fingerprint}"} into the desired state; the old keys then move to the archive.`,
  });
}
