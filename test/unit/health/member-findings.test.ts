import { describe, expect, it } from "vitest";
import { DeniedError, NotReadyError, RefusedError } from "../../../src/errors.ts";
import { memberFindings } from "../../../src/health/member-findings.ts";
import type { Round } from "../../../src/watch/observer.ts";
import { fingerprint, pods, recordOf } from "../bring-up/states.ts";
import { custody, members, roundAt } from "./rounds.ts";

function found(more: Partial<Round>): string[] {
  return memberFindings(roundAt(0, more), custody).map(
    ({ reason, object, graceMs }) => `${reason} ${object} ${graceMs / 1000}`,
  );
}

const wrongShares = new RefusedError("the keys do not unseal vault-1", { todo: "Replace them." });
const since = new Date(0);
/** Nothing was ever initialised, and the keys do not exist. */
const firstInstallation: Partial<Round> = {
  initialised: undefined,
  record: undefined,
  keys: { kind: "missing" },
};
const silentMembers = [0, 1, 2].map((n) => pods.silent(`vault-${n}`));

describe("a round", () => {
  it.each<[string, Partial<Round>, string[]]>([
    ["has no finding while every member is unsealed", {}, []],
    [
      "finds a sealed member, which may last 15 s",
      { members: members(pods.sealed("vault-1")) },
      ["MemberSealed pod/vault-1 15"],
    ],
    [
      "finds at once a sealed member that no retry can unseal",
      { members: members(pods.sealed("vault-1")), failure: { pod: "vault-1", error: wrongShares, since } },
      ["MemberSealed pod/vault-1 0"],
    ],
    [
      "lets a sealed member have its grace while a retry may unseal it",
      {
        members: members(pods.sealed("vault-1")),
        failure: { pod: "vault-1", error: new NotReadyError("no answer"), since },
      },
      ["MemberSealed pod/vault-1 15"],
    ],
    [
      "finds a member that does not answer, which may last a minute",
      { members: members(pods.silent("vault-2")) },
      ["MemberUnreachable pod/vault-2 60"],
    ],
    [
      "finds a member that has not joined",
      { members: members(pods.uninitialised("vault-2")) },
      ["MemberNotJoined pod/vault-2 60"],
    ],
    [
      "finds at once a member that was removed from the cluster, and does not call it sealed",
      { members: members(pods.sealed("vault-2", { removed: true })) },
      ["MemberRemoved pod/vault-2 0"],
    ],
    [
      "finds the missing leader before the sealed members",
      { members: members(pods.sealed("vault-0"), pods.sealed("vault-1")) },
      ["NoLeader statefulset/vault 15", "MemberSealed pod/vault-0 15", "MemberSealed pod/vault-1 15"],
    ],
    [
      "finds a missing leader although every member is unsealed",
      { members: members(pods.follower("vault-0", { leader: undefined })) },
      ["NoLeader statefulset/vault 15"],
    ],
    [
      "takes the one unsealed server for the leader if it has no high availability",
      {
        statefulSet: { name: "vault", uid: "u", replicas: 1 },
        members: [pods.follower("vault-0", { ha: false, storage: "file" })],
      },
      [],
    ],
    [
      "finds that nothing is initialised, and nothing else",
      {
        members: [0, 1, 2].map((n) => pods.uninitialised(`vault-${n}`)),
        initialised: false,
        keys: { kind: "missing" },
      },
      ["NotInitialized statefulset/vault 15"],
    ],
    [
      "finds that there is no StatefulSet, and nothing else",
      { statefulSet: { name: "vault", uid: undefined, replicas: undefined }, members: silentMembers },
      ["StatefulSetMissing statefulset/vault 15"],
    ],
    [
      "finds missing keys while every member is unsealed",
      { keys: { kind: "missing" } },
      ["KeysMissing secret/vault-unseal-keys 5"],
    ],
    [
      "finds missing keys of a Vault whose init may be storing them right now, after a longer grace",
      { keys: { kind: "missing" }, record: undefined },
      ["KeysMissing secret/vault-unseal-keys 15"],
    ],
    [
      "expects keys of a Vault that does not answer, if its init has recorded them",
      { keys: { kind: "missing" }, initialised: undefined, members: silentMembers },
      [
        "KeysMissing secret/vault-unseal-keys 5",
        "NoLeader statefulset/vault 15",
        ...[0, 1, 2].map((n) => `MemberUnreachable pod/vault-${n} 60`),
      ],
    ],
    [
      "has five minutes for a first installation that has no StatefulSet yet",
      { ...firstInstallation, statefulSet: { name: "vault", uid: undefined, replicas: undefined }, members: [] },
      ["NotInitialized statefulset/vault 300"],
    ],
    [
      "has five minutes for a first installation whose pods do not answer yet",
      { ...firstInstallation, members: silentMembers },
      ["NotInitialized statefulset/vault 300"],
    ],
    [
      "has five minutes for a first installation that waits for init",
      { ...firstInstallation, initialised: false, members: [pods.uninitialised("vault-0")] },
      ["NotInitialized statefulset/vault 300"],
    ],
    [
      "finds a refusal in a first installation at once",
      { ...firstInstallation, failure: { pod: undefined, error: new RefusedError("custody is in use"), since } },
      ["Refused statefulset/vault 0", "NotInitialized statefulset/vault 300"],
    ],
    [
      "has the usual grace for a sealed Vault that somebody else has initialised",
      { record: undefined, members: members(pods.sealed("vault-1")) },
      ["MemberSealed pod/vault-1 15"],
    ],
    [
      "is no installation if the keys exist, and nobody recorded an init",
      { initialised: undefined, record: undefined, members: silentMembers },
      ["NoLeader statefulset/vault 15", ...[0, 1, 2].map((n) => `MemberUnreachable pod/vault-${n} 60`)],
    ],
    [
      "finds that the watcher lacks a permission, while members look as they did",
      { stale: new DeniedError("Kubernetes denied it") },
      ["CannotObserve statefulset/vault 15"],
    ],
    ["does not blame the watcher when Kubernetes does not answer", { stale: new NotReadyError("no answer") }, []],
    [
      "finds a damaged record, which is no first installation",
      { ...firstInstallation, recordError: new RefusedError("storage is no JSON"), members: silentMembers },
      [
        "RecordUnreadable configmap/vault-init-record 15",
        "NoLeader statefulset/vault 15",
        ...[0, 1, 2].map((n) => `MemberUnreachable pod/vault-${n} 60`),
      ],
    ],
    [
      "finds members of two Vaults, although all are unsealed",
      { members: members(pods.leader("vault-1", { clusterId: "22222222-bbbb" })) },
      ["DifferentVaults statefulset/vault 5"],
    ],
    [
      "finds a Vault of another cluster than the recorded one, and reports it once",
      {
        record: recordOf([], { fingerprint, clusterId: "33333333-cccc" }),
        failure: { pod: undefined, error: new RefusedError("belongs to cluster"), since },
      },
      ["DifferentVaults statefulset/vault 5"],
    ],
    [
      "finds keys of which a share is missing",
      { keys: { kind: "unreadable", error: new RefusedError("lacks share-0") } },
      ["KeysUnreadable secret/vault-unseal-keys 5"],
    ],
    [
      "does not blame the keys when Kubernetes does not answer",
      { keys: { kind: "unreadable", error: new NotReadyError("no answer") } },
      [],
    ],
    [
      "finds a refusal that concerns no single member",
      { failure: { pod: "vault-1", error: new RefusedError("the pods hold different Vaults"), since } },
      ["Refused pod/vault-1 0"],
    ],
    [
      "finds a refusal that concerns no member at all",
      { failure: { pod: undefined, error: new RefusedError("the pods hold different Vaults"), since } },
      ["Refused statefulset/vault 0"],
    ],
    [
      "does not repeat missing keys as a refusal",
      {
        keys: { kind: "missing" },
        members: members(pods.sealed("vault-1")),
        failure: { pod: undefined, error: new RefusedError("no keys"), since },
      },
      ["KeysMissing secret/vault-unseal-keys 5", "MemberSealed pod/vault-1 15"],
    ],
    [
      "finds a denied request",
      { failure: { pod: "vault-1", error: new DeniedError("may not list pods"), since } },
      ["Denied pod/vault-1 0"],
    ],
    [
      "ignores a pod beyond the replicas",
      { statefulSet: { name: "vault", uid: "u", replicas: 2 }, members: members(pods.sealed("vault-2")) },
      [],
    ],
  ])("%s", (_title, more, expected) => {
    expect(found(more)).toEqual(expected);
  });

  it("explains a sealed member by the error of its last repair", () => {
    const failure = { pod: "vault-1", error: wrongShares, since };

    const findings = memberFindings(roundAt(0, { members: members(pods.sealed("vault-1")), failure }), custody);

    expect(findings).toMatchObject([
      { message: "vault-1 is sealed: the keys do not unseal vault-1", remedy: "Replace them." },
    ]);
  });

  it("names the keys that are missing by their fingerprint", () => {
    const [finding] = memberFindings(roundAt(0, { keys: { kind: "missing" } }), custody);

    expect(finding?.message).toContain("Secret vault-custody/vault-unseal-keys does not exist");
    expect(finding?.remedy).toMatch(/with the fingerprint [0-9a-f]{16}, from your copy/);
  });

  it("gives a remedy for each finding, in whole sentences", () => {
    const everything = memberFindings(
      roundAt(0, {
        members: [pods.sealed("vault-0"), pods.silent("vault-1"), pods.uninitialised("vault-2")],
        keys: { kind: "missing" },
      }),
      custody,
    );

    expect(everything).toHaveLength(5);
    for (const { remedy, message } of everything) {
      expect(remedy).toMatch(/^[A-Z`].*\.$/);
      expect(message).not.toMatch(/\.$/);
    }
  });
});
