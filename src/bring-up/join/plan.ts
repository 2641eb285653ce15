import { type AppError, NotReadyError, RefusedError } from "../../errors.ts";
import { withoutAbsent } from "../absent.ts";
import { notAnswering, refuseTwoClusters, unreadableKeys } from "../refusals.ts";
import { answered, type ClusterState, names, sealed, silent, uninitialised, unsealed } from "../state.ts";
import type { Step, Wait } from "../step.ts";
import { notInitialised, planSealedMembers, type UnsealChange } from "../unseal/plan.ts";

export type JoinChange =
  | { readonly act: "join"; readonly pod: string; readonly leader: string; readonly autoUnseal: boolean }
  | UnsealChange;

type JoinStep = Step<JoinChange>;

/**
 * Decides the next step of join: one member at a time, each unsealed and following the leader before the next. With a quorum and
 * a leader, ends without absent members.
 */
export function planJoin(state: ClusterState): JoinStep {
  const error = refuseTwoClusters(state) ?? nothingToJoin(state);
  if (error !== undefined) return { act: "refuse", error };
  if (unsealed(state.members).length === 0) return { act: "wait", for: notAnswering(silent(state.members)) };
  // these may have been asked to join before, and are still sealed
  return planSealedMembers(state) ?? planNext(state);
}

function planNext(state: ClusterState): JoinStep {
  const raft = answered(state.members).some(({ status }) => status.storage === "raft");
  const next = uninitialised(state.members)[0];
  if (!raft && next !== undefined) return { act: "refuse", error: cannotJoin(state) };
  if (next !== undefined) return planMember(state, next.pod);
  const removed = removedMember(state);
  if (removed !== undefined) return { act: "refuse", error: removed };
  if (!raft) return withoutAbsent(state, { act: "nothing", why: "this storage has no members to join" });
  return waitForLeader(state) ?? withoutAbsent(state, { act: "nothing", why: allJoined(state) });
}

function allJoined({ members }: ClusterState): string {
  return `every member ${silent(members).length > 0 ? "that answers " : ""}has joined`;
}

/** Followers name a dead leader until there is a new one. So while a member is silent, the leader itself must have answered. */
function waitForLeader({ members }: ClusterState): Wait | undefined {
  const [running, silentMembers] = [unsealed(members), silent(members)];
  const leaderless = running.filter(({ status }) => status.leader === undefined && !status.active);
  const hasLeader = silentMembers.length === 0 || running.some(({ status }) => status.active);
  if (hasLeader && leaderless.length === 0) return undefined;
  const noLeader = hasLeader
    ? `${names(leaderless)} know${leaderless.length === 1 ? "s" : ""} no leader yet`
    : `${names(running)}: no member is the leader yet`;
  return { act: "wait", for: silentMembers.length === 0 ? noLeader : `${notAnswering(silentMembers)}; ${noLeader}` };
}

function planMember(state: ClusterState, pod: string): JoinStep {
  const { keys } = state;
  const leader = unsealed(state.members).find(({ status }) => status.active);
  if (leader === undefined)
    return { act: "wait", for: `${names(unsealed(state.members))}: no member is the leader yet` };
  // with auto-unseal, the keys in custody are recovery keys, which unseal nothing
  const { autoUnseal } = leader.status;
  if (autoUnseal || keys.kind === "keys") return { act: "join", pod, leader: leader.pod, autoUnseal };
  if (keys.kind === "unknown") return unreadableKeys(keys.error);
  return {
    act: "refuse",
    error: new RefusedError(`${pod} cannot join: it would stay sealed, since ${state.custody} does not exist`, {
      todo: `Restore ${state.custody} from a backup.`,
    }),
  };
}

function removedMember(state: ClusterState): RefusedError | undefined {
  const removed = answered(state.members).filter(({ status }) => status.removed);
  if (removed.length === 0) return undefined;
  return new RefusedError(`${names(removed)} was removed from the Raft cluster and still has its old data`, {
    todo: `To let it join again, delete its volume claim and its pod in namespace ${state.namespace}; the other members have all its data.`,
  });
}

/** @returns an error unless a member is unsealed, or may be */
function nothingToJoin(state: ClusterState): AppError | undefined {
  if (unsealed(state.members).length > 0 || silent(state.members).length > 0) return undefined;
  const sealedMembers = sealed(state.members);
  if (sealedMembers.length === 0) return notInitialised(state);
  return new NotReadyError(`${names(sealedMembers)}: sealed, so there is no leader to join`, {
    todo: "Run `vault-hooks unseal` first.",
  });
}

function cannotJoin(state: ClusterState): RefusedError {
  const pods = names(uninitialised(state.members));
  const storage = answered(state.members)[0]?.status.storage;
  return new RefusedError(`${pods} cannot join: members of a Vault with storage "${storage}" do not share data`, {
    todo: `Use Raft storage, or set replicas of StatefulSet ${state.namespace}/${state.statefulSet} to 1.`,
  });
}
