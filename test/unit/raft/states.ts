import type { Peer } from "../../../src/connect/raft-peers.ts";
import type { RaftState } from "../../../src/raft/state.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export function peer(id: string, more: Partial<Peer> = {}): Peer {
  return { id, address: `${id}.vault-internal:8201`, voter: true, ...more };
}

/**
 * A StatefulSet scaled down to `replicas`, with a pod for each of them and none beyond. Raft still has `peers` voters; those with
 * a pod are healthy.
 */
export function scaledDown(peers: number, replicas: number, more: Partial<RaftState> = {}): RaftState {
  return {
    namespace: "vault",
    statefulSet: "vault",
    replicas,
    pods: range(replicas).map((i) => ({ name: `vault-${i}`, deleting: false })),
    peers: range(peers).map((i) => peer(`vault-${i}`)),
    healthy: new Map(range(peers).map((i) => [`vault-${i}`, i < replicas])),
    ...more,
  };
}

/** The state with the health of some peers replaced; undefined: autopilot does not report it. */
export function withHealth(state: RaftState, health: Readonly<Record<string, boolean | undefined>>): RaftState {
  const entries = [...Object.entries(Object.fromEntries(state.healthy)), ...Object.entries(health)];
  const known = entries.filter((entry): entry is [string, boolean] => entry[1] !== undefined);
  const unknown = new Set(Object.keys(health).filter((id) => health[id] === undefined));
  return { ...state, healthy: new Map(known.filter(([id]) => !unknown.has(id))) };
}
