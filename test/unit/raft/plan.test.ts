import { describe, expect, it } from "vitest";
import { planPeers } from "../../../src/raft/plan.ts";
import { peer, scaledDown, withHealth } from "./states.ts";

const scaled = scaledDown(5, 3);
const both = ["vault-3", "vault-4"];

function summary(...args: Parameters<typeof planPeers>) {
  const { removals, wait, troubles, obsolete } = planPeers(...args);
  return {
    removals: removals.map(({ name }) => name),
    wait: wait?.why,
    refused: troubles.map(({ error }) => `${error.exitCode} ${error.message}`),
    obsolete,
  };
}

describe("of five Raft peers, after the StatefulSet was scaled down to three,", () => {
  it("none is removed that Git does not declare", () => {
    expect(summary(scaled, [])).toEqual({ removals: [], wait: undefined, refused: [], obsolete: [] });
  });

  it.each([
    ["the two that Git declares are removed", both, both],
    ["the one that Git declares is removed", ["vault-4"], ["vault-4"]],
  ])("%s", (_, declared, removals) => {
    expect(summary(scaled, declared)).toEqual({ removals, wait: undefined, refused: [], obsolete: [] });
  });

  it.each([
    ["an ID that is no pod's name", "6f0e", "vault-4", "vault-4.vault-internal:8201"],
    ["a pod's name, where Raft has another ID for it", "vault-4", "vault-4", "vault-4.vault-internal:8201"],
  ])("a dead peer is removed that Git declares by %s", (_, declared, name, address) => {
    const peers = [...scaled.peers.slice(0, 4), peer("6f0e", { address })];
    const state = withHealth({ ...scaled, peers }, { "6f0e": false });

    expect(summary(state, [declared])).toMatchObject({ removals: [name], wait: undefined });
  });

  it("a peer that was removed before is reported, and the other is removed", () => {
    expect(summary({ ...scaled, peers: scaled.peers.slice(0, 4) }, both)).toEqual({
      removals: ["vault-3"],
      wait: undefined,
      refused: [],
      obsolete: ["vault-4"],
    });
  });
});

describe("a declared Raft peer is refused with exit 4 while", () => {
  it.each([
    ["it is within the replicas", scaledDown(5, 5), "it is one of the 5 members of StatefulSet vault/vault"],
    [
      "it is within the replicas, and its pod is missing",
      { ...scaledDown(5, 5), pods: [] },
      "it is one of the 5 members of StatefulSet vault/vault",
    ],
    [
      "its pod exists, although it is beyond the replicas",
      { ...scaled, pods: [...scaled.pods, { name: "vault-4", deleting: false }] },
      "its pod exists, although StatefulSet vault/vault has only 3 replicas",
    ],
  ])("%s", (_, state, why) => {
    expect(summary(state, ["vault-4"])).toEqual({
      removals: [],
      wait: undefined,
      refused: [`4 Raft peer vault-4: not removed: ${why}`],
      obsolete: [],
    });
  });

  it("it is no pod of the StatefulSet", () => {
    const state = { ...scaled, peers: [...scaled.peers, peer("outside", { address: "10.1.2.3:8201" })] };

    expect(summary(state, ["outside"]).refused).toEqual([
      "4 Raft peer outside: not removed: it is no pod of StatefulSet vault/vault, so nothing proves that it is dead",
    ]);
  });

  it("a peer that is refused does not stop the removal of another", () => {
    expect(summary(scaled, ["vault-1", "vault-4"])).toMatchObject({
      removals: ["vault-4"],
      wait: undefined,
      refused: [expect.stringContaining("vault-1")],
    });
  });
});

describe("the removal of a declared Raft peer waits while", () => {
  it.each([
    [
      "its pod is being deleted",
      { ...scaled, pods: [...scaled.pods, { name: "vault-3", deleting: true }] },
      "pod vault-3 is still being deleted",
    ],
    [
      "autopilot reports it as healthy",
      withHealth(scaled, { "vault-3": true }),
      "Raft's autopilot still reports vault-3 as healthy",
    ],
    [
      "autopilot does not report it",
      withHealth(scaled, { "vault-3": undefined }),
      "Raft's autopilot does not report the health of vault-3",
    ],
    [
      "the living voters are no quorum",
      withHealth(scaled, { "vault-1": false }),
      "2 of 5 voters are healthy (vault-0, vault-2), which is not a quorum",
    ],
    [
      "autopilot does not report a voter that the quorum needs",
      withHealth(scaled, { "vault-1": undefined }),
      "2 of 5 voters are healthy (vault-0, vault-2), which is not a quorum",
    ],
    [
      "the living voters are exactly half",
      scaledDown(4, 2),
      "2 of 4 voters are healthy (vault-0, vault-1), which is not a quorum",
    ],
  ])("%s", (_, state, wait) => {
    expect(summary(state, both)).toMatchObject({ wait, refused: [] });
  });

  it("a lack of quorum is refused in the end, with exit 4 and what to do", () => {
    const { wait } = planPeers(scaledDown(4, 2), ["vault-2", "vault-3"]);

    expect(wait?.refusal?.exitCode).toBe(4);
    expect(wait?.refusal?.todo).toMatch(/scale it up again/);
  });
});

it("peers that do not vote are no part of the quorum", () => {
  const peers = [...scaled.peers.slice(0, 3), peer("vault-3", { voter: false }), peer("vault-4", { voter: false })];
  const state = withHealth({ ...scaled, peers }, { "vault-2": false });

  expect(summary(state, both)).toMatchObject({ removals: both, wait: undefined });
});
