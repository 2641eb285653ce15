import type { MemberStatus } from "../connect/member-status.ts";
import type { KeysFound } from "../custody/custody.ts";
import type { InitRecord } from "../custody/record.ts";

/** One pod that the StatefulSet should have, or has. */
export type Member = {
  readonly pod: string;
  /** Undefined: there is no such pod. */
  readonly uid: string | undefined;
  /** What its Vault says of itself; undefined if it gave no answer. */
  readonly status: MemberStatus | undefined;
  /** Why there is no status: "ImagePullBackOff: ...", "no answer: connect ECONNREFUSED". */
  readonly silence: string | undefined;
};

/** A volume that belongs to the pod of this name, whether that pod exists or not. */
export type MemberClaim = {
  readonly name: string;
  readonly uid: string;
  readonly pod: string;
  readonly deleting: boolean;
};

/** All that is known of Vault, its storage and its keys at one moment. */
export type ClusterState = {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly statefulSetUid: string;
  readonly replicas: number;
  /** By ordinal. Every pod up to `replicas`, and those beyond that still exist. */
  readonly members: readonly Member[];
  readonly claims: readonly MemberClaim[];
  /** Where keys are kept, as told to people. */
  readonly custody: string;
  readonly keys: KeysFound;
  /** An answer to init that was written down and not yet brought home. */
  readonly unfinished: boolean;
  readonly record: InitRecord | undefined;
  /** Another StatefulSet that the record is of, and that stands or may stand: "vault-b/vault". */
  readonly otherOwner: string | undefined;
};

/** The words in Git by which a person accepts a loss; each names one thing and is used up by it. */
export type Recovery = {
  /** The fingerprint of keys whose data is given up. */
  readonly acceptDataLoss?: string;
  /** The intent of an init whose answer was lost, and whose Vault was never used. */
  readonly remakeUnused?: string;
};

export type Answered = Member & { readonly status: MemberStatus };

export function answered(members: readonly Member[]): Answered[] {
  return members.filter((member): member is Answered => member.status !== undefined);
}

export function silent(members: readonly Member[]): Member[] {
  return members.filter(({ status }) => status === undefined);
}

export function uninitialised(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => !status.initialized);
}

/** Unsealed, so that it tells its cluster id. */
export function open(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => status.initialized && !status.sealed);
}

/** Initialised and sealed: it holds data, or it has joined and never had any. */
export function sealed(members: readonly Member[]): Answered[] {
  return answered(members).filter(({ status }) => status.initialized && status.sealed);
}

export function names(members: readonly { readonly pod: string }[]): string {
  return members.map(({ pod }) => pod).join(", ");
}
