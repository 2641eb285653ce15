import { describe, expect, it } from "vitest";
import { statusOf } from "../../../src/bring-up/status.ts";
import { readStatus } from "../../../src/connect/member-status.ts";
import { NotReadyError } from "../../../src/errors.ts";
import type { Answer, Vault } from "../../../src/vault/client.ts";
import { clusterA, pods, stateOf } from "../bring-up/states.ts";

/** A fake, since no real Vault answers like this; a proxy in front of one may. */
function answering(answer: Answer | undefined, leader: () => Promise<Answer | undefined> = async () => answer): Vault {
  const never = () => Promise.reject(new Error("unexpected request"));
  const vault: Vault = {
    name: "vault-0",
    read: (path) => (path === "sys/leader" ? leader() : Promise.resolve(answer)),
    list: never,
    write: never,
    delete: never,
    withToken: () => vault,
    close: never,
  };
  return vault;
}

describe("readStatus", () => {
  it.each([
    ["a 404", undefined],
    ["another program's JSON", { status: "ok" }],
    ["half an answer", { initialized: false }],
  ])("throws when sys/seal-status returns %s", async (_, answer) => {
    await expect(readStatus(answering(answer))).rejects.toThrow(NotReadyError);
  });

  it("returns the status of an empty Vault", async () => {
    const status = await readStatus(answering({ initialized: false, sealed: true, type: "shamir" }));

    expect(status).toMatchObject({ initialized: false, sealed: true, autoUnseal: false });
  });
});

describe("readStatus, without an answer from sys/leader,", () => {
  const unsealed = { initialized: true, sealed: false, storage_type: "raft", cluster_id: clusterA };

  it.each([
    ["fails", () => Promise.reject(new NotReadyError("read sys/leader on vault-0: no answer"))],
    ["is a 404", () => Promise.resolve(undefined)],
    ["is not Vault's", () => Promise.resolve({ status: "ok" })],
  ])("throws for an unsealed member, so that it does not count as standalone: the answer %s", async (_, leader) => {
    await expect(readStatus(answering(unsealed, leader))).rejects.toThrow(/sys\/leader/);
  });

  it("returns the status of a sealed Raft member, which is never standalone", async () => {
    const seal = { ...unsealed, sealed: true };

    const status = await readStatus(answering(seal, () => Promise.reject(new NotReadyError("no answer"))));

    expect(status).toMatchObject({ sealed: true, ha: true, active: false, leader: undefined });
  });
});

describe("status", () => {
  const members = [pods.leader("vault-0"), pods.follower("vault-1")];

  it("is healthy when every pod is unsealed and in one cluster", () => {
    expect(statusOf(stateOf(members), undefined)).toMatchObject({
      healthy: true,
      pods: [
        { pod: "vault-0", role: "leader", voter: undefined, cluster: clusterA },
        { pod: "vault-1", role: "follower" },
      ],
    });
  });

  it("shows which members vote by Raft's list of members", () => {
    const peers = [
      { id: "vault-0", address: "vault-0.vault-internal:8201", voter: true },
      { id: "0f0e", address: "vault-1.vault-internal:8201", voter: false },
    ];

    expect(statusOf(stateOf(members), peers).pods.map(({ voter }) => voter)).toEqual([true, false]);
  });

  it.each([
    ["a pod is sealed", [pods.leader("vault-0"), pods.sealed("vault-1")]],
    ["a pod is not initialised", [pods.leader("vault-0"), pods.uninitialised("vault-1")]],
    ["a pod does not answer", [pods.leader("vault-0"), pods.silent("vault-1")]],
    ["a pod was removed", [pods.leader("vault-0"), pods.sealed("vault-1", { removed: true })]],
    ["a pod knows no leader", [pods.leader("vault-0"), pods.follower("vault-1", { leader: undefined })]],
    ["there are two clusters", [pods.leader("vault-0"), pods.leader("vault-1", { clusterId: "other" })]],
    ["there is no pod", []],
  ])("is not healthy when %s", (_, members) => {
    expect(statusOf(stateOf(members), undefined).healthy).toBe(false);
  });
});
