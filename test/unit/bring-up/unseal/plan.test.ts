import { describe, expect, it } from "vitest";
import type { Member } from "../../../../src/bring-up/state.ts";
import { planUnseal } from "../../../../src/bring-up/unseal/plan.ts";
import { clusterA, clusterB, custody, pods, recordOf, stateOf, summarise } from "../states.ts";

type Case = [
  title: string,
  members: readonly Member[],
  keys: keyof typeof custody,
  act: string,
  exit: number | undefined,
  part: string,
];
const sealedPods = [pods.sealed("vault-0"), pods.sealed("vault-1")];

const cases: Case[] = [
  ["unseals the first sealed member", sealedPods, "keys", "unseal", undefined, '"pod":"vault-0"'],
  [
    "unseals the next sealed member",
    [pods.leader("vault-0"), pods.sealed("vault-1")],
    "keys",
    "unseal",
    undefined,
    '"pod":"vault-1"',
  ],
  [
    "unseals a member without waiting for a silent pod",
    [pods.silent("vault-0"), sealedPods[1] ?? pods.sealed("x")],
    "keys",
    "unseal",
    undefined,
    '"pod":"vault-1"',
  ],
  [
    "refuses when custody has no keys",
    sealedPods,
    "none",
    "refuse",
    4,
    "Secret vault-custody/vault-unseal-keys does not exist",
  ],
  [
    "refuses when custody has no keys and only one member is sealed",
    [pods.leader("vault-0"), pods.sealed("vault-1")],
    "none",
    "refuse",
    4,
    "vault-1 holds",
  ],
  [
    "refuses with the error of Kubernetes when reading the keys is denied",
    sealedPods,
    "denied",
    "refuse",
    5,
    "forbidden",
  ],
  ["refuses with the defect of the keys when a share is missing", sealedPods, "partial", "refuse", 4, "lacks share-1"],
  [
    "waits while Kubernetes does not answer the read of the keys",
    sealedPods,
    "unanswered",
    "wait",
    undefined,
    "no answer",
  ],
  [
    "has nothing to do when every member is unsealed",
    [pods.leader("vault-0"), pods.follower("vault-1")],
    "keys",
    "nothing",
    undefined,
    "every initialised member is unsealed",
  ],
  [
    "has nothing to do for an unsealed Vault without keys",
    [pods.leader("vault-0")],
    "none",
    "nothing",
    undefined,
    "unsealed",
  ],
  [
    "leaves members that are not initialised to join",
    [pods.leader("vault-0"), pods.uninitialised("vault-1")],
    "keys",
    "nothing",
    undefined,
    "",
  ],
  [
    "refuses with the hint to run init when no member is initialised",
    [pods.uninitialised("vault-0")],
    "none",
    "refuse",
    3,
    "vault-hooks init",
  ],
  [
    "waits for a pod that does not answer and quotes its reason",
    [pods.leader("vault-0"), pods.silent("vault-1")],
    "keys",
    "wait",
    undefined,
    "vault-1 has not answered (ImagePullBackOff",
  ],
  ["waits when the StatefulSet has no replicas", [], "keys", "wait", undefined, "no replicas"],
  [
    "waits for a member with auto-unseal",
    [pods.sealed("vault-0", { autoUnseal: true })],
    "keys",
    "wait",
    undefined,
    "with a key outside Vault",
  ],
  [
    "waits for a member with auto-unseal when custody has no keys",
    [pods.sealed("vault-0", { autoUnseal: true })],
    "none",
    "wait",
    undefined,
    "with a key outside Vault",
  ],
  [
    "leaves a removed member sealed and warns of it",
    [pods.leader("vault-0"), pods.sealed("vault-1", { removed: true })],
    "keys",
    "nothing",
    undefined,
    "vault-1 was removed",
  ],
  [
    "refuses when unsealed members are of two clusters",
    [pods.leader("vault-0"), pods.leader("vault-1", { clusterId: clusterB }), pods.sealed("vault-2")],
    "keys",
    "refuse",
    4,
    `vault-1 belongs to cluster ${clusterB}`,
  ],
];

describe("unseal", () => {
  it.each(cases)("%s", (_, members, keys, act, exitCode, part) => {
    const step = summarise(planUnseal(stateOf(members, { keys: custody[keys] })));

    expect(step).toMatchObject({ act, exitCode });
    expect(step.text).toContain(part);
  });

  it("refuses when a member is not of the recorded cluster, and names the member and both ids", () => {
    const members = [pods.leader("vault-0", { clusterId: clusterB }), pods.sealed("vault-1")];

    const step = summarise(
      planUnseal(stateOf(members, { keys: custody.keys, record: recordOf(members, { clusterId: clusterA }) })),
    );

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain(
      `vault-0 belongs to cluster ${clusterB}, but the keys were recorded for cluster ${clusterA}`,
    );
  });

  it("unseals a member when the others are of the recorded cluster", () => {
    const members = [pods.leader("vault-0"), pods.sealed("vault-1")];

    const step = planUnseal(
      stateOf(members, { keys: custody.keys, record: recordOf(members, { clusterId: clusterA }) }),
    );

    expect(step).toEqual({ act: "unseal", pod: "vault-1" });
  });
});

it("unseal hints at init when a recorded init has created keys that are not in custody yet", () => {
  const record = recordOf(sealedPods, { fingerprint: "0123456789abcdef" });

  const fresh = summarise(planUnseal(stateOf(sealedPods, { record })));
  const used = summarise(planUnseal(stateOf(sealedPods, { record: { ...record, unsealedAt: "2026-01-02" } })));

  expect(fresh).toMatchObject({ act: "refuse", exitCode: 4, text: expect.stringContaining("run init first") });
  expect(used.text).not.toContain("run init first");
});
