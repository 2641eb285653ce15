import { describe, expect, it } from "vitest";
import { planJoin } from "../../../../src/bring-up/join/plan.ts";
import type { Member } from "../../../../src/bring-up/state.ts";
import { clusterB, custody, pods, stateOf, summarise } from "../states.ts";

type Case = [
  title: string,
  members: readonly Member[],
  keys: keyof typeof custody,
  act: string,
  exit: number | undefined,
  part: string,
];
const leader = pods.leader("vault-0");
const file = { storage: "file", ha: false };

const cases: Case[] = [
  [
    "joins the first uninitialised member to the leader",
    [leader, pods.uninitialised("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    '"pod":"vault-1","leader":"vault-0"',
  ],
  [
    "joins a member to the leader when that is the last pod",
    [pods.uninitialised("vault-0"), pods.follower("vault-1"), pods.leader("vault-2")],
    "keys",
    "join",
    undefined,
    '"pod":"vault-0","leader":"vault-2"',
  ],
  [
    "unseals a member that has joined and is still sealed",
    [leader, pods.sealed("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "unseal",
    undefined,
    '"pod":"vault-1"',
  ],
  [
    "refuses to join a member when custody has no keys to unseal it",
    [leader, pods.uninitialised("vault-1")],
    "none",
    "refuse",
    4,
    "it would stay sealed",
  ],
  [
    "joins a member without keys when Vault has auto-unseal",
    [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })],
    "none",
    "join",
    undefined,
    '"pod":"vault-1","leader":"vault-0","autoUnseal":true',
  ],
  [
    "does not unseal with recovery keys when Vault has auto-unseal",
    [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })],
    "keys",
    "join",
    undefined,
    '"autoUnseal":true',
  ],
  [
    "refuses with the error of Kubernetes when reading the keys is denied",
    [leader, pods.uninitialised("vault-1")],
    "denied",
    "refuse",
    5,
    "forbidden",
  ],
  [
    "refuses with the defect of the keys when a share is missing",
    [leader, pods.uninitialised("vault-1")],
    "partial",
    "refuse",
    4,
    "lacks share-1",
  ],
  [
    "waits while Kubernetes does not answer the read of the keys",
    [leader, pods.uninitialised("vault-1")],
    "unanswered",
    "wait",
    undefined,
    "no answer",
  ],
  [
    "has nothing to do when every member has joined",
    [leader, pods.follower("vault-1")],
    "keys",
    "nothing",
    undefined,
    "every member has joined",
  ],
  [
    "waits while no member is the leader",
    [pods.follower("vault-0", { leader: undefined }), pods.uninitialised("vault-1")],
    "keys",
    "wait",
    undefined,
    "no member is the leader yet",
  ],
  [
    "waits while a member knows no leader",
    [leader, pods.follower("vault-1", { leader: undefined })],
    "keys",
    "wait",
    undefined,
    "vault-1 knows no leader yet",
  ],
  [
    "joins a member that answers before it waits for a silent pod",
    [leader, pods.silent("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    "vault-2",
  ],
  [
    "waits for a pod that does not answer",
    [leader, pods.silent("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-1 has not answered",
  ],
  [
    "refuses with the hint to run init when no member is initialised",
    [pods.uninitialised("vault-0"), pods.uninitialised("vault-1")],
    "none",
    "refuse",
    3,
    "vault-hooks init",
  ],
  [
    "refuses with the hint to run unseal when every initialised member is sealed",
    [pods.sealed("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "refuse",
    3,
    "vault-hooks unseal",
  ],
  [
    "waits for a silent pod that may be the leader",
    [pods.silent("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-0 has not answered",
  ],
  [
    "joins other members before it refuses a removed member",
    [leader, pods.sealed("vault-1", { removed: true }), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    "vault-2",
  ],
  [
    "refuses a removed member, and names the claim and pod to delete",
    [leader, pods.sealed("vault-1", { removed: true })],
    "keys",
    "refuse",
    4,
    "delete its volume claim and its pod",
  ],
  [
    "refuses when unsealed members are of two clusters",
    [leader, pods.leader("vault-1", { clusterId: clusterB })],
    "keys",
    "refuse",
    4,
    "initialised separately",
  ],
  [
    "has nothing to do when the storage is not Raft",
    [pods.leader("vault-0", file)],
    "keys",
    "nothing",
    undefined,
    "no members to join",
  ],
  [
    "refuses to join a member when the storage is not Raft",
    [pods.leader("vault-0", file), pods.uninitialised("vault-1", file)],
    "keys",
    "refuse",
    4,
    'storage "file"',
  ],
];

describe("join", () => {
  it.each(cases)("%s", (_, members, keys, act, exitCode, part) => {
    const step = summarise(planJoin(stateOf(members, { keys: custody[keys] })));

    expect(step).toMatchObject({ act, exitCode });
    expect(step.text).toContain(part);
  });
});
