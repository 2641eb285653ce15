import { describe, expect, it } from "vitest";
import type { Member } from "../../../../src/bring-up/state.ts";
import { planUnseal } from "../../../../src/bring-up/unseal/plan.ts";
import { clusterA, clusterB, custody, pods, recordOf, stateOf, told } from "../states.ts";

type Case = [
  what: string,
  members: readonly Member[],
  keys: keyof typeof custody,
  act: string,
  exit: number | undefined,
  part: string,
];
const shut = [pods.sealed("vault-0"), pods.sealed("vault-1")];

const cases: Case[] = [
  ["opens the first sealed member", shut, "keys", "unseal", undefined, '"pod":"vault-0"'],
  ["opens the next", [pods.leader("vault-0"), pods.sealed("vault-1")], "keys", "unseal", undefined, '"pod":"vault-1"'],
  [
    "does not wait for silent pods to open another",
    [pods.silent("vault-0"), shut[1] ?? pods.sealed("x")],
    "keys",
    "unseal",
    undefined,
    '"pod":"vault-1"',
  ],
  ["refuses if the keys are gone", shut, "none", "refuse", 4, "Secret vault-custody/vault-unseal-keys does not exist"],
  [
    "refuses if one member cannot be opened",
    [pods.leader("vault-0"), pods.sealed("vault-1")],
    "none",
    "refuse",
    4,
    "vault-1 holds",
  ],
  ["says who denied the keys", shut, "denied", "refuse", 5, "forbidden"],
  ["says what is wrong with the keys", shut, "partial", "refuse", 4, "lacks share-1"],
  ["waits while Kubernetes does not tell the keys", shut, "unanswered", "wait", undefined, "no answer"],
  [
    "has nothing to do for an open Vault",
    [pods.leader("vault-0"), pods.follower("vault-1")],
    "keys",
    "nothing",
    undefined,
    "open",
  ],
  ["has nothing to do for an open Vault without keys", [pods.leader("vault-0")], "none", "nothing", undefined, "open"],
  [
    "leaves uninitialised members to join",
    [pods.leader("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "nothing",
    undefined,
    "",
  ],
  ["sends one to init first", [pods.uninitialised("vault-0")], "none", "refuse", 3, "vault-hooks init"],
  [
    "waits for a pod that does not answer",
    [pods.leader("vault-0"), pods.silent("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-1 has not answered (ImagePullBackOff",
  ],
  ["waits for pods to exist", [], "keys", "wait", undefined, "no replicas"],
  [
    "waits for a Vault that unseals itself",
    [pods.sealed("vault-0", { autoUnseal: true })],
    "keys",
    "wait",
    undefined,
    "by a key outside Vault",
  ],
  [
    "waits for it also without keys",
    [pods.sealed("vault-0", { autoUnseal: true })],
    "none",
    "wait",
    undefined,
    "by a key outside Vault",
  ],
  [
    "does not unseal a removed member",
    [pods.leader("vault-0"), pods.sealed("vault-1", { removed: true })],
    "keys",
    "nothing",
    undefined,
    "vault-1 was removed",
  ],
  [
    "refuses two open clusters",
    [pods.leader("vault-0"), pods.leader("vault-1", { clusterId: clusterB }), pods.sealed("vault-2")],
    "keys",
    "refuse",
    4,
    `vault-1 is of cluster ${clusterB}`,
  ],
];

describe("unseal", () => {
  it.each(cases)("%s", (_, members, keys, act, exitCode, part) => {
    const step = told(planUnseal(stateOf(members, { keys: custody[keys] })));

    expect(step).toMatchObject({ act, exitCode });
    expect(step.text).toContain(part);
  });

  it("stops at a member that is not of the recorded cluster, naming it and both ids", () => {
    const members = [pods.leader("vault-0", { clusterId: clusterB }), pods.sealed("vault-1")];

    const step = told(
      planUnseal(stateOf(members, { keys: custody.keys, record: recordOf(members, { clusterId: clusterA }) })),
    );

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain(
      `vault-0 is of cluster ${clusterB}, but the keys were recorded for cluster ${clusterA}`,
    );
  });

  it("opens members of the recorded cluster", () => {
    const members = [pods.leader("vault-0"), pods.sealed("vault-1")];

    const step = planUnseal(
      stateOf(members, { keys: custody.keys, record: recordOf(members, { clusterId: clusterA }) }),
    );

    expect(step).toEqual({ act: "unseal", pod: "vault-1" });
  });
});

it("sends to init first where that has made keys which are not in custody yet", () => {
  const record = recordOf(shut, { fingerprint: "0123456789abcdef" });

  const fresh = told(planUnseal(stateOf(shut, { record })));
  const used = told(planUnseal(stateOf(shut, { record: { ...record, unsealedAt: "2026-01-02" } })));

  expect(fresh).toMatchObject({ act: "refuse", exitCode: 4, text: expect.stringContaining("run init first") });
  expect(used.text).not.toContain("run init first");
});
