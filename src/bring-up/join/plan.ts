import { type AppError, NotReadyError, RefusedError } from "../../errors.ts";
import type { Nothing, Refusal } from "../reconcile.ts";
import { notAnswering, refuseTwoClusters, unreadableKeys } from "../refusals.ts";
import type { Wait } from "../settle.ts";
import { answered, type ClusterState, names, open, sealed, silent, uninitialised } from "../state.ts";
import { notInitialised, planSealedMembers } from "../unseal/plan.ts";

export type JoinStep =
  | Nothing
  | { readonly act: "join"; readonly pod: string; readonly leader: string; readonly opensItself: boolean }
  | { readonly act: "unseal"; readonly pod: string }
  | Refusal;

/** What `join` does next: members one by one, each open and following the leader before the next. */
export function planJoin(state: ClusterState): JoinStep | Wait {
  const error = refuseTwoClusters(state) ?? nothingToJoin(state);
  if (error !== undefined) return { act: "refuse", error };
  if (open(state.members).length === 0) return { act: "wait", for: notAnswering(silent(state.members)) };
  // told to join before, and not yet open
  const opening = planSealedMembers(state);
  if (opening !== undefined && opening.act !== "nothing") return opening;
  return planNext(state);
}

function planNext(state: ClusterState): JoinStep | Wait {
  const raft = answered(state.members).some(({ status }) => status.storage === "raft");
  const next = uninitialised(state.members)[0];
  if (!raft && next !== undefined) return { act: "refuse", error: cannotJoin(state) };
  if (next !== undefined) return planMember(state, next.pod);
  const removed = removedMember(state);
  if (removed !== undefined) return { act: "refuse", error: removed };
  const mute = silent(state.members);
  if (mute.length > 0) return { act: "wait", for: notAnswering(mute) };
  if (!raft) return { act: "nothing", why: "this storage has no members to join" };
  const adrift = open(state.members).filter(({ status }) => status.leader === undefined && !status.active);
  if (adrift.length > 0)
    return { act: "wait", for: `${names(adrift)} know${adrift.length === 1 ? "s" : ""} no leader yet` };
  return { act: "nothing", why: "every member has joined" };
}

function planMember(state: ClusterState, pod: string): JoinStep | Wait {
  const { keys } = state;
  const leader = open(state.members).find(({ status }) => status.active);
  if (leader === undefined) return { act: "wait", for: `${names(open(state.members))}: no member is the leader yet` };
  // what custody has of such a Vault are recovery keys, which unseal nothing
  const opensItself = leader.status.autoUnseal;
  if (opensItself || keys.kind === "keys") return { act: "join", pod, leader: leader.pod, opensItself };
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
    todo: `To let it join again, delete its volume claim and its pod in namespace ${state.namespace}; nothing that the others do not have is in it.`,
  });
}

function nothingToJoin(state: ClusterState): AppError | undefined {
  if (open(state.members).length > 0 || silent(state.members).length > 0) return undefined;
  const closed = sealed(state.members);
  if (closed.length === 0) return notInitialised(state);
  return new NotReadyError(`${names(closed)}: sealed, so there is no leader to join`, {
    todo: "Run `vault-hooks unseal` first.",
  });
}

function cannotJoin(state: ClusterState): RefusedError {
  const lonely = names(uninitialised(state.members));
  const storage = answered(state.members)[0]?.status.storage;
  return new RefusedError(`${lonely} cannot join: members of a Vault with storage "${storage}" share nothing`, {
    todo: `Use Raft storage, or set replicas of StatefulSet ${state.namespace}/${state.statefulSet} to 1.`,
  });
}
