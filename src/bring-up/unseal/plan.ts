import { NotReadyError } from "../../errors.ts";
import { withoutAbsent } from "../absent.ts";
import { keysLost, notAnswering, refuseTwoClusters, unreadableKeys } from "../refusals.ts";
import { type Answered, type ClusterState, names, sealed, silent, uninitialised, unsealed } from "../state.ts";
import type { Nothing, Step } from "../step.ts";

export type UnsealChange = { readonly act: "unseal"; readonly pod: string };

type UnsealStep = Step<UnsealChange>;

/**
 * Decides the next step of unseal: one sealed member at a time, and a refusal if two members belong to different Vaults. With a
 * quorum, ends without absent members.
 */
export function planUnseal(state: ClusterState): UnsealStep {
  const mixUp = refuseTwoClusters(state);
  if (mixUp !== undefined) return { act: "refuse", error: mixUp };
  const next = planSealedMembers(state);
  if (next !== undefined) return next;
  const silentMembers = silent(state.members);
  if (unsealed(state.members).length > 0) return withoutAbsent(state, allUnsealed(state));
  if (silentMembers.length > 0) return { act: "wait", for: notAnswering(silentMembers) };
  if (uninitialised(state.members).length > 0) return { act: "refuse", error: notInitialised(state) };
  return { act: "wait", for: `StatefulSet ${state.namespace}/${state.statefulSet} has no replicas` };
}

/** @returns undefined if no member is left that can be unsealed */
export function planSealedMembers(state: ClusterState): UnsealStep | undefined {
  // a member that was removed from the cluster never unseals again; join reports it
  const sealedMembers = sealed(state.members).filter(({ status }) => !status.removed);
  const first = sealedMembers[0];
  if (first === undefined) return undefined;
  if (sealedMembers.every(({ status }) => status.autoUnseal)) return { act: "wait", for: unsealsItself(sealedMembers) };
  const { keys } = state;
  if (keys.kind === "keys")
    return { act: "unseal", pod: sealedMembers.find(({ status }) => !status.autoUnseal)?.pod ?? first.pod };
  if (keys.kind === "unknown") return unreadableKeys(keys.error);
  return { act: "refuse", error: keysLost(state, sealedMembers, runInitHint(state)) };
}

/** The keys may be in the journal, which only init may read. */
function runInitHint({ record }: ClusterState): string {
  const isNew = record?.fingerprint !== undefined && record.unsealedAt === undefined;
  return isNew ? " If an earlier init was interrupted, run init first: it finishes that one." : "";
}

function unsealsItself(members: readonly Answered[]): string {
  const verb = members.length === 1 ? "unseals" : "unseal";
  return `${names(members)} ${verb} with a key outside Vault; if that takes long, see the pod's log`;
}

function allUnsealed({ members }: ClusterState): Nothing {
  const removed = sealed(members).filter(({ status }) => status.removed);
  const why = `every initialised member ${silent(members).length > 0 ? "that answers " : ""}is unsealed`;
  if (removed.length === 0) return { act: "nothing", why };
  return { act: "nothing", why, warning: `${names(removed)} was removed from the cluster and stays sealed; see join` };
}

/** The error of unseal and join before init has run. */
export function notInitialised(state: ClusterState): NotReadyError {
  return new NotReadyError(`${names(state.members)}: no member of Vault is initialised yet`, {
    todo: "Run `vault-hooks init` first.",
  });
}
