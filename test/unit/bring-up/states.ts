import type { Answered, ClusterState, Member, MemberClaim } from "../../../src/bring-up/state.ts";
import type { MemberStatus } from "../../../src/connect/member-status.ts";
import type { KeysFound } from "../../../src/custody/custody.ts";
import { fingerprintOf } from "../../../src/custody/fingerprint.ts";
import type { StoredRecord } from "../../../src/custody/record.ts";
import { DeniedError, NotReadyError, RefusedError } from "../../../src/errors.ts";

const shares = ["c2hhcmUtYQ==", "c2hhcmUtYg==", "c2hhcmUtYw=="];
export const fingerprint = fingerprintOf(shares);
export const clusterA = "11111111-aaaa";
export const clusterB = "22222222-bbbb";

const empty: MemberStatus = {
  initialized: false,
  sealed: true,
  autoUnseal: false,
  threshold: 0,
  shares: 0,
  progress: 0,
  version: "1.21.1",
  storage: "raft",
  clusterId: undefined,
  clusterName: undefined,
  removed: false,
  ha: true,
  active: false,
  leader: undefined,
};

function answering(pod: string, status: Partial<MemberStatus>): Answered {
  return { pod, uid: `uid-${pod}`, status: { ...empty, ...status }, silence: undefined, absent: false };
}

export const pods = {
  uninitialised: (pod: string, more: Partial<MemberStatus> = {}) => answering(pod, more),
  sealed: (pod: string, more: Partial<MemberStatus> = {}) =>
    answering(pod, { initialized: true, threshold: 2, shares: 3, ...more }),
  leader: (pod: string, more: Partial<MemberStatus> = {}) => unsealed(pod, { active: true, ...more }),
  follower: (pod: string, more: Partial<MemberStatus> = {}) => unsealed(pod, more),
  silent: (pod: string, silence = "ImagePullBackOff: no such image"): Member => ({
    pod,
    uid: `uid-${pod}`,
    status: undefined,
    silence,
    absent: false,
  }),
  absent: (pod: string): Member => ({ ...pods.silent(pod, "there is no such pod"), uid: undefined, absent: true }),
};

function unsealed(pod: string, more: Partial<MemberStatus>): Answered {
  const leader = "http://vault-0.vault-internal.vault.svc:8200";
  return answering(pod, {
    initialized: true,
    sealed: false,
    threshold: 2,
    shares: 3,
    clusterId: clusterA,
    leader,
    ...more,
  });
}

export function claim(pod: string, more: Partial<MemberClaim> = {}): MemberClaim {
  return { name: `data-${pod}`, uid: `claim-${pod}`, pod, deleting: false, ...more };
}

export const custody = {
  none: { kind: "none" },
  keys: { kind: "keys", keys: { shares, threshold: 2, fingerprint, created: "2026-01-01T00:00:00.000Z" } },
  denied: { kind: "unknown", error: new DeniedError("get Secret vault-custody/vault-unseal-keys: forbidden") },
  partial: { kind: "unknown", error: new RefusedError("read unseal keys: lacks share-1") },
  unanswered: { kind: "unknown", error: new NotReadyError("get Secret vault-unseal-keys: no answer") },
} satisfies Record<string, KeysFound>;

/** The state of these members, each with its claim and without keys in custody. `more` overrides fields. */
export function stateOf(members: readonly Member[], more: Partial<ClusterState> = {}): ClusterState {
  return {
    namespace: "vault",
    statefulSet: "vault",
    statefulSetUid: "uid-statefulset",
    replicas: members.length,
    members,
    claims: members.map(({ pod }) => claim(pod)),
    custody: "Secret vault-custody/vault-unseal-keys",
    keys: custody.none,
    unfinished: false,
    keysArchived: false,
    rootTokenId: undefined,
    record: undefined,
    otherOwner: undefined,
    ...more,
  };
}

/** The record of an init on these very volume claims. */
export function recordOf(members: readonly Member[], more: Partial<StoredRecord> = {}): StoredRecord {
  return {
    intent: "intent-1",
    statefulSet: "uid-statefulset",
    storage: Object.fromEntries(members.map(({ pod }) => [`data-${pod}`, `claim-${pod}`])),
    shares: 3,
    threshold: 2,
    time: "2026-01-01T00:00:00.000Z",
    calledAt: "2026-01-01T00:00:01.000Z",
    calledPod: `uid-${members[0]?.pod}`,
    resourceVersion: "1",
    ...more,
  };
}

/** A step, its exit code if it refuses, and the text that the user reads. */
export function summarise(step: { readonly act: string }): { act: string; exitCode: number | undefined; text: string } {
  const { error, ...rest } = step as { act: string; error?: { exitCode: number; message: string; todo?: string } };
  const text = error === undefined ? JSON.stringify(rest) : `${error.message} ${error.todo ?? ""}`;
  return { act: step.act, exitCode: error?.exitCode, text };
}
