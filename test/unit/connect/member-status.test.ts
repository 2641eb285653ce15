import { describe, expect, it } from "vitest";
import { statusOf } from "../../../src/bring-up/status.ts";
import { readStatus } from "../../../src/connect/member-status.ts";
import { NotReadyError } from "../../../src/errors.ts";
import type { Answer, Vault } from "../../../src/vault/client.ts";
import { clusterA, pods, stateOf } from "../bring-up/states.ts";

/** No real Vault answers like this; what stands in front of one may. */
function answering(answer: Answer | undefined, leader: () => Promise<Answer | undefined> = async () => answer): Vault {
  const never = () => Promise.reject(new Error("not asked for"));
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

describe("an answer that is not Vault's", () => {
  it.each([
    ["a 404", undefined],
    ["another program's JSON", { status: "ok" }],
    ["half an answer", { initialized: false }],
  ])("is never taken for an empty Vault: %s", async (_, answer) => {
    await expect(readStatus(answering(answer))).rejects.toThrow(NotReadyError);
  });

  it("is told from Vault's own", async () => {
    const status = await readStatus(answering({ initialized: false, sealed: true, type: "shamir" }));

    expect(status).toMatchObject({ initialized: false, sealed: true, autoUnseal: false });
  });
});

describe("a member that does not say who leads", () => {
  const opened = { initialized: true, sealed: false, storage_type: "raft", cluster_id: clusterA };

  it.each([
    ["fails", () => Promise.reject(new NotReadyError("read sys/leader on vault-0: no answer"))],
    ["is a 404", () => Promise.resolve(undefined)],
    ["is not Vault's", () => Promise.resolve({ status: "ok" })],
  ])("gives no status while it is open, so that it passes for no single server: the answer %s", async (_, leader) => {
    await expect(readStatus(answering(opened, leader))).rejects.toThrow(/sys\/leader/);
  });

  it("gives its status while it is sealed, and with Raft it is never a single server", async () => {
    const seal = { ...opened, sealed: true };

    const status = await readStatus(answering(seal, () => Promise.reject(new NotReadyError("no answer"))));

    expect(status).toMatchObject({ sealed: true, ha: true, active: false, leader: undefined });
  });
});

describe("status", () => {
  const whole = [pods.leader("vault-0"), pods.follower("vault-1")];

  it("is healthy when every pod is open and in one cluster", () => {
    expect(statusOf(stateOf(whole), undefined)).toMatchObject({
      healthy: true,
      pods: [
        { pod: "vault-0", role: "leader", voter: undefined, cluster: clusterA },
        { pod: "vault-1", role: "follower" },
      ],
    });
  });

  it("tells voters by Raft's own list", () => {
    const peers = [
      { id: "vault-0", address: "vault-0.vault-internal:8201", voter: true },
      { id: "0f0e", address: "vault-1.vault-internal:8201", voter: false },
    ];

    expect(statusOf(stateOf(whole), peers).pods.map(({ voter }) => voter)).toEqual([true, false]);
  });

  it.each([
    ["a pod is sealed", [pods.leader("vault-0"), pods.sealed("vault-1")]],
    ["a pod is empty", [pods.leader("vault-0"), pods.uninitialised("vault-1")]],
    ["a pod is silent", [pods.leader("vault-0"), pods.silent("vault-1")]],
    ["a pod was removed", [pods.leader("vault-0"), pods.sealed("vault-1", { removed: true })]],
    ["a pod knows no leader", [pods.leader("vault-0"), pods.follower("vault-1", { leader: undefined })]],
    ["there are two clusters", [pods.leader("vault-0"), pods.leader("vault-1", { clusterId: "other" })]],
    ["there is no pod", []],
  ])("is not healthy when %s", (_, members) => {
    expect(statusOf(stateOf(members), undefined).healthy).toBe(false);
  });
});
