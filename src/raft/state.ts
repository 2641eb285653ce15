import type { Cluster } from "../connect/connection.ts";
import { type Peer, readPeers } from "../connect/raft-peers.ts";
import type { Pod } from "../kube/kube.ts";
import type { Vault } from "../vault/client.ts";

/** Raft's peers, and the StatefulSet whose pods they should be, at one moment. */
export type RaftState = {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly replicas: number;
  /** The pods of the namespace. */
  readonly pods: readonly Pick<Pod, "name" | "deleting">[];
  readonly peers: readonly Peer[];
  /** Whether Raft's autopilot reports a peer as healthy, by the peer's ID. It may not report every peer. */
  readonly healthy: ReadonlyMap<string, boolean>;
};

/**
 * Reads Raft's peers, their health, and the StatefulSet with its pods.
 *
 * @param vault the active member, with the login of vault-hooks
 * @returns undefined if the storage is not Raft
 * @throws DeniedError, VaultError, NotReadyError if Kubernetes or Vault denies a request or does not answer
 */
export async function observeRaft({ kube, run, statefulSet }: Cluster, vault: Vault): Promise<RaftState | undefined> {
  const { namespace } = run.settings;
  const peers = await readPeers(vault);
  if (peers === undefined) return undefined;
  const [found, pods, healthy] = await Promise.all([
    kube.statefulSet(namespace, statefulSet.name),
    kube.pods(namespace),
    readHealth(vault),
  ]);
  return { namespace, statefulSet: statefulSet.name, replicas: found?.replicas ?? 0, pods, peers, healthy };
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot#get-cluster-state */
async function readHealth(vault: Vault): Promise<Map<string, boolean>> {
  const answer = await vault.read("sys/storage/raft/autopilot/state", { once: true });
  const { servers } = (answer?.["data"] ?? {}) as { servers?: Readonly<Record<string, { healthy?: unknown }>> | null };
  return new Map(Object.entries(servers ?? {}).map(([id, { healthy }]) => [id, healthy === true]));
}
