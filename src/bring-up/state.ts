import { isUnsealed, type MemberStatus } from "../connect/member-status.ts";
import type { KeysFound } from "../custody/custody.ts";
import type { StoredRecord } from "../custody/record.ts";

/** One pod that the StatefulSet has or should have. */
export type Member = {
  readonly pod: string;
  /** Undefined if the pod does not exist. */
  readonly uid: string | undefined;
  /** Undefined if its Vault did not answer. */
  readonly status: MemberStatus | undefined;
  /** Why there is no status: "ImagePullBackOff: ...", "no answer: connect ECONNREFUSED". */
  readonly silence: string | undefined;
  /** Kubernetes reports that its pod does not run: there is none, it is being deleted, or no node takes it. */
  readonly absent: boolean;
};

/** A volume claim and the name of its pod, whether that pod exists or not. */
export type MemberClaim = {
  readonly name: string;
  readonly uid: string;
  readonly pod: string;
  readonly deleting: boolean;
};

/** Everything that was observed of Vault, its storage and its keys at one moment. */
export type ClusterState = {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly statefulSetUid: string;
  readonly replicas: number;
  /** Sorted by ordinal: every pod up to `replicas`, and those beyond that still exist. */
  readonly members: readonly Member[];
  readonly claims: readonly MemberClaim[];
  /** Where keys are kept, for messages: "Secret vault-custody/vault-unseal-keys". */
  readonly custody: string;
  readonly keys: KeysFound;
  /** The archive already has the present keys. Always false without the scope `journal`. */
  readonly keysArchived: boolean;
  /** The journal has a response to init that was not moved into custody yet. */
  readonly unfinished: boolean;
  /** The ID of a root token in custody. Only init looks. */
  readonly rootTokenId: string | undefined;
  readonly record: StoredRecord | undefined;
  /** The StatefulSet that the record belongs to, if it is a different one that exists or may exist: "vault-b/vault". */
  readonly otherOwner: string | undefined;
};

export type Answered = Member & { readonly status: MemberStatus };

/** Members whose Vault answered. */
export function answered(members: readonly Member[]): Answered[] {
  return members.filter((member): member is Answered => member.status !== undefined);
}

/** Members whose Vault did not answer. */
export function silent(members: readonly Member[]): Member[] {
  return members.filter(({ status }) => status === undefined);
}

/** Members that answered and are not initialised. */
export function uninitialised(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => !status.initialized);
}

/** Members that are initialised and unsealed. They report their cluster id. */
export function unsealed(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => isUnsealed(status));
}

/**
 * Whether the unsealed members are more than half of all, so that Raft can elect a leader and commit. They must be of one
 * cluster, which refuseTwoClusters checks.
 *
 * @see https://developer.hashicorp.com/vault/docs/internals/integrated-storage#quorum-size-and-failure-tolerance
 */
export function hasQuorum({ members }: Pick<ClusterState, "members">): boolean {
  const running = unsealed(members).filter(({ status }) => status.clusterId !== undefined);
  return 2 * running.length > members.length;
}

/** Members that are initialised and sealed: they hold data, or have joined and never had any. */
export function sealed(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => status.initialized && status.sealed);
}

/** "vault-0, vault-1" */
export function names(members: readonly { readonly pod: string }[]): string {
  return members.map(({ pod }) => pod).join(", ");
}
