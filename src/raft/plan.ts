import { type AppError, RefusedError } from "../errors.ts";
import { assessPeers, isNamed, type RaftPeer } from "./fate.ts";
import type { RaftState } from "./state.ts";

/** Why a removal must wait. `refusal` is the error if this does not change; without it, the removal was not ready in time. */
type RemovalWait = { readonly why: string; readonly refusal?: RefusedError };

export type PeerPlan = {
  /** Declared peers that are dead, or will be once their pod is gone. They are removed one at a time. */
  readonly removals: readonly RaftPeer[];
  /** Undefined if the first of `removals` may be removed now. */
  readonly wait: RemovalWait | undefined;
  /** Declared peers that must stay, and why; or why the peers cannot be read. */
  readonly troubles: readonly { readonly peer: string; readonly error: AppError }[];
  /** Declared names that no peer has, usually because it was removed before. */
  readonly obsolete: readonly string[];
};

export const emptyPlan: PeerPlan = { removals: [], wait: undefined, troubles: [], obsolete: [] };

/**
 * Decides which peers may be removed from Raft: only dead ones that Git declares. Pure.
 * @param declared names of pods, or IDs of peers
 */
export function planPeers(state: RaftState, declared: readonly string[]): PeerPlan {
  const peers = assessPeers(state, state.peers);
  const named = peers.filter((peer) => declared.some((each) => isNamed(peer, each)));
  const removals = named.filter(({ fate }) => fate === "dead" || fate === "leaving");
  return {
    removals,
    wait: removals[0] === undefined ? undefined : waitFor(state, peers, removals[0]),
    troubles: named
      .filter((peer) => !removals.includes(peer))
      .map((peer) => ({ peer: peer.name, error: refusal(state, peer) })),
    obsolete: declared.filter((each) => !peers.some((peer) => isNamed(peer, each))),
  };
}

function waitFor(state: RaftState, peers: readonly RaftPeer[], peer: RaftPeer): RemovalWait | undefined {
  if (peer.fate === "leaving") return { why: `pod ${peer.name} is still being deleted` };
  // a member that answers keeps its vote; autopilot notices after some seconds that one does not
  const healthy = state.healthy.get(peer.id);
  if (healthy === undefined) return { why: `Raft's autopilot does not report the health of ${peer.name}` };
  if (healthy) return { why: `Raft's autopilot still reports ${peer.name} as healthy` };
  return lackOfQuorum(state, peers, peer);
}

/** The dead peer is none of the living voters. So if these are a quorum before its removal, they are one after it, too. */
function lackOfQuorum(
  { healthy, namespace, statefulSet }: RaftState,
  peers: readonly RaftPeer[],
  { name }: RaftPeer,
): RemovalWait | undefined {
  const voters = peers.filter(({ voter }) => voter);
  const living = voters.filter(({ id }) => healthy.get(id) === true);
  if (living.length * 2 > voters.length) return undefined;
  const names = living.map((peer) => peer.name).join(", ") || "none";
  const why = `${living.length} of ${voters.length} voters are healthy (${names}), which is not a quorum`;
  const error = new RefusedError(`Raft peer ${name}: not removed: ${why}`, {
    todo:
      `Bring the other members of StatefulSet ${namespace}/${statefulSet} up first; \`vault-hooks status\` shows each. If it was scaled ` +
      "down too far, scale it up again: the members return with their volumes.",
  });
  return { why, refusal: error };
}

function refusal({ namespace, statefulSet, replicas }: RaftState, { id, name, fate }: RaftPeer): RefusedError {
  const owner = `StatefulSet ${namespace}/${statefulSet}`;
  const undeclare = `Remove ${name} from recovery.removePeers in Git`;
  const refuse = (why: string, todo: string) =>
    new RefusedError(`Raft peer ${name}: not removed: ${why}`, { todo: `${undeclare}${todo}` });
  if (fate === "wanted")
    return refuse(`it is one of the ${replicas} members of ${owner}`, "; or scale the StatefulSet down first.");
  if (fate === "alive")
    return refuse(`its pod exists, although ${owner} has only ${replicas} replicas`, "; or delete that pod first.");
  const command = `vault operator raft remove-peer ${id}`;
  return refuse(`it is no pod of ${owner}, so nothing proves that it is dead`, `. If it is dead, run \`${command}\`.`);
}
