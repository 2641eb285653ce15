import { describe, expect, it } from "vitest";
import { planJoin } from "../../../../src/bring-up/join/plan.ts";
import type { Member } from "../../../../src/bring-up/state.ts";
import { clusterB, custody, pods, stateOf, told } from "../states.ts";

type Case = [
  what: string,
  members: readonly Member[],
  keys: keyof typeof custody,
  act: string,
  exit: number | undefined,
  part: string,
];
const lead = pods.leader("vault-0");
const file = { storage: "file", ha: false };

const cases: Case[] = [
  [
    "joins the first empty member to the leader",
    [lead, pods.uninitialised("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    '"pod":"vault-1","leader":"vault-0"',
  ],
  [
    "finds the leader wherever it is",
    [pods.uninitialised("vault-0"), pods.follower("vault-1"), pods.leader("vault-2")],
    "keys",
    "join",
    undefined,
    '"pod":"vault-0","leader":"vault-2"',
  ],
  [
    "opens a member that has joined and is still sealed",
    [lead, pods.sealed("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "unseal",
    undefined,
    '"pod":"vault-1"',
  ],
  [
    "does not join a member that nobody could open",
    [lead, pods.uninitialised("vault-1")],
    "none",
    "refuse",
    4,
    "it would stay sealed",
  ],
  [
    "joins without keys where Vault unseals itself",
    [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })],
    "none",
    "join",
    undefined,
    '"pod":"vault-1","leader":"vault-0","opensItself":true',
  ],
  [
    "does not open such a member by the recovery keys that are kept",
    [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })],
    "keys",
    "join",
    undefined,
    '"opensItself":true',
  ],
  ["says who denied the keys", [lead, pods.uninitialised("vault-1")], "denied", "refuse", 5, "forbidden"],
  ["says what is wrong with the keys", [lead, pods.uninitialised("vault-1")], "partial", "refuse", 4, "lacks share-1"],
  [
    "waits while Kubernetes does not tell the keys",
    [lead, pods.uninitialised("vault-1")],
    "unanswered",
    "wait",
    undefined,
    "no answer",
  ],
  [
    "has nothing to do once all have joined",
    [lead, pods.follower("vault-1")],
    "keys",
    "nothing",
    undefined,
    "every member has joined",
  ],
  [
    "waits for a leader",
    [pods.follower("vault-0", { leader: undefined }), pods.uninitialised("vault-1")],
    "keys",
    "wait",
    undefined,
    "no member is the leader yet",
  ],
  [
    "waits until a member knows its leader",
    [lead, pods.follower("vault-1", { leader: undefined })],
    "keys",
    "wait",
    undefined,
    "vault-1 knows no leader yet",
  ],
  [
    "joins those that answer before it waits for the others",
    [lead, pods.silent("vault-1"), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    "vault-2",
  ],
  [
    "waits for a pod that does not answer",
    [lead, pods.silent("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-1 has not answered",
  ],
  [
    "sends one to init first",
    [pods.uninitialised("vault-0"), pods.uninitialised("vault-1")],
    "none",
    "refuse",
    3,
    "vault-hooks init",
  ],
  [
    "sends one to unseal first",
    [pods.sealed("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "refuse",
    3,
    "vault-hooks unseal",
  ],
  [
    "waits for whoever may be the leader",
    [pods.silent("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-0 has not answered",
  ],
  [
    "joins others before it speaks of a member that was removed",
    [lead, pods.sealed("vault-1", { removed: true }), pods.uninitialised("vault-2")],
    "keys",
    "join",
    undefined,
    "vault-2",
  ],
  [
    "refuses a member that was removed, and says what to do",
    [lead, pods.sealed("vault-1", { removed: true })],
    "keys",
    "refuse",
    4,
    "delete its volume claim and its pod",
  ],
  [
    "refuses two open clusters",
    [lead, pods.leader("vault-1", { clusterId: clusterB })],
    "keys",
    "refuse",
    4,
    "initialised apart",
  ],
  [
    "has nothing to join in another storage",
    [pods.leader("vault-0", file)],
    "keys",
    "nothing",
    undefined,
    "no members to join",
  ],
  [
    "cannot join in another storage",
    [pods.leader("vault-0", file), pods.uninitialised("vault-1", file)],
    "keys",
    "refuse",
    4,
    'storage "file"',
  ],
];

describe("join", () => {
  it.each(cases)("%s", (_, members, keys, act, exitCode, part) => {
    const step = told(planJoin(stateOf(members, { keys: custody[keys] })));

    expect(step).toMatchObject({ act, exitCode });
    expect(step.text).toContain(part);
  });
});
