import type { Peer } from "../connect/raft-peers.ts";
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
  /** Why every other command refuses: custody, or a pod, belongs to another Vault. */
  readonly mixUp: { readonly error: string; readonly todo: string | undefined } | undefined;
  readonly pods: readonly PodStatus[];
};

/** Summarises the pods. @param peers undefined if they could not be read */
export function statusOf(state: Pods, peers: readonly Peer[] | undefined): Status {
  const { namespace, statefulSet, members } = state;
  const pods = members.map((member) => podStatus(member, peers));
  const inCluster = pods.filter(({ role }) => role === "leader" || role === "follower" || role === "standalone");
  const refusal = refuseTwoClusters(state);
  const mixUp = refusal && { error: refusal.message, todo: refusal.todo };
  const healthy = pods.length > 0 && inCluster.length === pods.length && mixUp === undefined;
  return { namespace, statefulSet, healthy, mixUp, pods };
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
