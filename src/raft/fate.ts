import { ordinalOf } from "../connect/members.ts";
import { type Peer, podOf } from "../connect/raft-peers.ts";
import type { RaftState } from "./state.ts";

/**
 * - `wanted`: one of the StatefulSet's replicas, whether its pod exists or not
 * - `alive`: beyond the replicas, and its pod exists
 * - `leaving`: beyond the replicas, and its pod is being deleted
 * - `dead`: beyond the replicas, and without a pod
 * - `foreign`: no pod of this StatefulSet
 */
type Fate = "wanted" | "alive" | "leaving" | "dead" | "foreign";

/** A peer, and what the StatefulSet says about it. Its name is that of its pod, or its ID if it is foreign. */
export type RaftPeer = Peer & { readonly name: string; readonly fate: Fate };

/** The part of the state that decides whether a peer is dead. */
export type Scale = Pick<RaftState, "statefulSet" | "replicas" | "pods">;

/** Compares Raft's peers with the StatefulSet. Sorted by ordinal; foreign ones come last. */
export function assessPeers(scale: Scale, peers: readonly Peer[]): RaftPeer[] {
  const assessed = peers.map((peer) => ({ ...peer, ...assess(scale, peer) }));
  const rank = ({ name, fate }: RaftPeer) => (fate === "foreign" ? Number.POSITIVE_INFINITY : ordinalOf(name));
  return assessed.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function assess({ statefulSet, replicas, pods }: Scale, peer: Peer): Pick<RaftPeer, "name" | "fate"> {
  const name = podOf(peer, statefulSet);
  if (name === undefined) return { name: peer.id, fate: "foreign" };
  if (ordinalOf(name) < replicas) return { name, fate: "wanted" };
  const pod = pods.find((each) => each.name === name);
  if (pod === undefined) return { name, fate: "dead" };
  return { name, fate: pod.deleting ? "leaving" : "alive" };
}

/** Whether a name in Git means this peer. @param name of its pod, or its ID */
export function isNamed(peer: RaftPeer, name: string): boolean {
  return peer.name === name || peer.id === name;
}
