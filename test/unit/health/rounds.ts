import type { Member } from "../../../src/bring-up/state.ts";
import type { Round } from "../../../src/watch/observer.ts";
import { clusterA, fingerprint, pods, recordOf } from "../bring-up/states.ts";

/** Where custody keeps the keys, for messages. */
export const custody = "Secret vault-custody/vault-unseal-keys";
const start = Date.parse("2026-11-29T12:00:00.400Z");

/** A round in which a Vault of three members is as it should be. @param seconds after the first round */
export function roundAt(seconds: number, more: Partial<Round> = {}): Round {
  return {
    at: new Date(start + seconds * 1000),
    clockMs: 5_000 + seconds * 1000,
    namespace: "vault",
    statefulSet: { name: "vault", uid: "uid-vault", replicas: 3 },
    members: members(),
    initialised: true,
    keys: { kind: "present" },
    record: recordOf([], { fingerprint, clusterId: clusterA }),
    recordError: undefined,
    failure: undefined,
    stale: undefined,
    acting: true,
    ...more,
  };
}

/** The members of a healthy Vault, the first of which are replaced by these. */
export function members(...replaced: Member[]): Member[] {
  const healthy = [pods.leader("vault-0"), pods.follower("vault-1"), pods.follower("vault-2")];
  return healthy.map((member) => replaced.find(({ pod }) => pod === member.pod) ?? member);
}
