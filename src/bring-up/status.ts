import { AppError } from "../errors.ts";
import type { Answer, Vault } from "../vault/client.ts";
import type { Pods } from "./observe.ts";
import { refuseTwoClusters } from "./refusals.ts";
import type { Member } from "./state.ts";

/** One pod. A field is undefined if the pod did not answer, or if this run has no token to read it. */
export type PodStatus = {
  readonly pod: string;
  readonly initialised: boolean | undefined;
  readonly sealed: boolean | undefined;
  readonly role: "leader" | "follower" | "standalone" | "removed" | undefined;
  readonly voter: boolean | undefined;
  readonly version: string | undefined;
  readonly cluster: string | undefined;
  /** Why the pod did not answer. */
  readonly silence: string | undefined;
};

export type Status = {
  readonly namespace: string;
  readonly statefulSet: string;
  /** Every pod is unsealed, and all are members of one cluster with a leader. */
  readonly healthy: boolean;
  readonly pods: readonly PodStatus[];
};

/** One entry of Raft's own list of members. */
export type Peer = { readonly id: string; readonly address: string; readonly voter: boolean };

/** Summarises the pods. @param peers undefined if they could not be read */
export function statusOf(state: Pods, peers: readonly Peer[] | undefined): Status {
  const { namespace, statefulSet, members } = state;
  const pods = members.map((member) => podStatus(member, peers));
  const inCluster = pods.filter(({ role }) => role === "leader" || role === "follower" || role === "standalone");
  const healthy = pods.length > 0 && inCluster.length === pods.length && refuseTwoClusters(state) === undefined;
  return { namespace, statefulSet, healthy, pods };
}

function podStatus({ pod, status, silence }: Member, peers: readonly Peer[] | undefined): PodStatus {
  const peer = peers?.find(({ id, address }) => id === pod || address.startsWith(`${pod}.`));
  return {
    pod,
    initialised: status?.initialized,
    sealed: status?.sealed,
    role: roleOf(status),
    voter: peer?.voter,
    version: status?.version,
    cluster: status?.clusterId,
    silence,
  };
}

function roleOf(status: Member["status"]): PodStatus["role"] {
  if (status === undefined) return undefined;
  if (status.removed) return "removed";
  if (status.sealed || !status.initialized) return undefined;
  if (!status.ha) return "standalone";
  if (status.active) return "leader";
  return status.leader === undefined ? undefined : "follower";
}

/**
 * Reads Raft's list of members.
 * @param vault a member, with a token that may read this
 * @returns undefined if it may not, or if the storage is not Raft
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#read-raft-configuration
 */
export async function readPeers(vault: Vault): Promise<Peer[] | undefined> {
  try {
    return peersOf(await vault.read("sys/storage/raft/configuration", { once: true }));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function peersOf(answer: Answer | undefined): Peer[] | undefined {
  const data = answer?.["data"] as { config?: { servers?: unknown } } | undefined;
  const servers = data?.config?.servers;
  if (!Array.isArray(servers)) return undefined;
  return servers.map((server: { node_id?: unknown; address?: unknown; voter?: unknown }) => ({
    id: String(server.node_id),
    address: String(server.address),
    voter: server.voter === true,
  }));
}
