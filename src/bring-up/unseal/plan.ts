import { NotReadyError } from "../../errors.ts";
import type { Nothing, Refusal } from "../reconcile.ts";
import { keysLost, notAnswering, refuseTwoClusters, unreadableKeys } from "../refusals.ts";
import type { Wait } from "../settle.ts";
import { type Answered, type ClusterState, names, open, sealed, silent, uninitialised } from "../state.ts";

export type UnsealStep = Nothing | { readonly act: "unseal"; readonly pod: string } | Refusal;

/** What `unseal` does next: one sealed member at a time, and nothing once two of them turn out to be two Vaults. */
export function planUnseal(state: ClusterState): UnsealStep | Wait {
  const split = refuseTwoClusters(state);
  if (split !== undefined) return { act: "refuse", error: split };
  const next = planSealedMembers(state);
  if (next !== undefined) return next;
  const mute = silent(state.members);
  if (mute.length > 0) return { act: "wait", for: notAnswering(mute) };
  if (open(state.members).length > 0) return done(state);
  if (uninitialised(state.members).length > 0) return { act: "refuse", error: notInitialised(state) };
  return { act: "wait", for: `StatefulSet ${state.namespace}/${state.statefulSet} has no replicas` };
}

/** @returns undefined if no member is sealed that could be opened */
export function planSealedMembers(state: ClusterState): UnsealStep | Wait | undefined {
  // a removed member never opens again: it is for join to say so
  const closed = sealed(state.members).filter(({ status }) => !status.removed);
  const first = closed[0];
  if (first === undefined) return undefined;
  if (closed.every(({ status }) => status.autoUnseal)) return { act: "wait", for: opensItself(closed) };
  const { keys } = state;
  if (keys.kind === "keys")
    return { act: "unseal", pod: closed.find(({ status }) => !status.autoUnseal)?.pod ?? first.pod };
  if (keys.kind === "unknown") return unreadableKeys(keys.error);
  return { act: "refuse", error: keysLost(state, closed, cutOff(state)) };
}

/** Its answer may be in the journal, which is for init alone to read. */
function cutOff({ record }: ClusterState): string {
  const isNew = record?.fingerprint !== undefined && record.unsealedAt === undefined;
  return isNew ? " If an init was cut off, run init first: it finishes what that one began." : "";
}

function opensItself(closed: readonly Answered[]): string {
  return `${names(closed)} unseal${closed.length === 1 ? "s" : ""} by a key outside Vault: see the pod's log if that takes long`;
}

function done(state: ClusterState): UnsealStep {
  const removed = sealed(state.members).filter(({ status }) => status.removed);
  const why = "every initialised member is open";
  if (removed.length === 0) return { act: "nothing", why };
  return { act: "nothing", why, warning: `${names(removed)} was removed from the cluster and stays sealed; see join` };
}

export function notInitialised(state: ClusterState): NotReadyError {
  return new NotReadyError(`${names(state.members)}: no member of Vault is initialised yet`, {
    todo: "Run `vault-hooks init` first.",
  });
}
