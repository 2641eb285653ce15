import { describe, expect, it, test } from "vitest";
import { planJoin } from "../../../src/bring-up/join/plan.ts";
import { hasQuorum, type Member } from "../../../src/bring-up/state.ts";
import { planUnseal } from "../../../src/bring-up/unseal/plan.ts";
import { clusterB, custody, pods, stateOf, summarise } from "./states.ts";

const leader = pods.leader("vault-0");
const follower = pods.follower("vault-1");
const plans = [
  ["unseal", planUnseal, "every initialised member that answers is unsealed"],
  ["join", planJoin, "every member that answers has joined"],
] as const;

describe.each(plans)("%s with a member that does not answer", (_, plan, why) => {
  const planned = (...members: Member[]) => plan(stateOf(members, { keys: custody.keys }));

  it("succeeds while one of three pods is absent, with a warning that names the pod, the reason and what to do", () => {
    expect(planned(leader, follower, pods.absent("vault-2"))).toEqual({
      act: "nothing",
      why,
      warning:
        "vault-2 (there is no such pod) is absent; 2 of 3 members are unsealed, which is a quorum. " +
        "The watcher unseals or joins it when it is back; without a watcher, run unseal and join",
    });
  });

  it("succeeds while two of five pods are absent, with a warning that names both", () => {
    const members = [leader, follower, pods.follower("vault-2"), pods.absent("vault-3"), pods.absent("vault-4")];

    expect(planned(...members)).toMatchObject({
      act: "nothing",
      warning: expect.stringMatching(
        /^vault-3 .* vault-4 .* are absent; 3 of 5 members .* them when they are back; .*run unseal and join$/,
      ),
    });
  });

  it("waits for a limited time for a pod that may be starting, and then succeeds with the warning", () => {
    expect(planned(leader, follower, pods.silent("vault-2"))).toEqual({
      act: "wait",
      for: "vault-2 has not answered (ImagePullBackOff: no such image)",
      otherwise: { act: "nothing", why, warning: expect.stringMatching(/^vault-2 \(ImagePullBackOff.*\) is absent/) },
    });
  });

  it("waits for a limited time while one pod is absent and another may be starting", () => {
    const members = [leader, follower, pods.follower("vault-2"), pods.absent("vault-3"), pods.silent("vault-4")];

    expect(planned(...members)).toMatchObject({ act: "wait", otherwise: { act: "nothing" } });
  });

  test.each([
    ["one of three members is unsealed", [leader, pods.absent("vault-1"), pods.absent("vault-2")]],
    ["one of two members is unsealed", [leader, pods.absent("vault-1")]],
    [
      "two of four members are unsealed",
      [leader, pods.follower("vault-1"), pods.absent("vault-2"), pods.absent("vault-3")],
    ],
    [
      "one of two unsealed members does not report its cluster yet",
      [leader, pods.follower("vault-1", { clusterId: undefined }), pods.absent("vault-2")],
    ],
  ])("waits without a limit while there is no quorum: %s", (_case, members) => {
    const step = planned(...members);

    expect(step).toMatchObject({ act: "wait", for: expect.stringContaining("there is no such pod") });
    expect(step).not.toHaveProperty("otherwise");
  });

  it("unseals a sealed member first, although there is a quorum without it", () => {
    const members = [leader, follower, pods.follower("vault-2"), pods.absent("vault-3"), pods.sealed("vault-4")];

    expect(planned(...members)).toEqual({ act: "unseal", pod: "vault-4" });
  });

  it("refuses when two unsealed members are of two clusters", () => {
    const step = summarise(planned(leader, pods.leader("vault-1", { clusterId: clusterB }), pods.absent("vault-2")));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
  });
});

describe("unseal with an absent member", () => {
  it("keeps the warning of a removed member", () => {
    const removed = pods.sealed("vault-2", { removed: true });
    const members = [leader, follower, removed, pods.follower("vault-3"), pods.absent("vault-4")];

    expect(planUnseal(stateOf(members, { keys: custody.keys }))).toMatchObject({
      act: "nothing",
      warning: expect.stringMatching(/^vault-2 was removed from the cluster .*; vault-4 \(.*\) is absent/),
    });
  });

  it("waits without a limit while a removed member answers and one of three is unsealed", () => {
    const members = [leader, pods.sealed("vault-1", { removed: true }), pods.absent("vault-2")];

    expect(planUnseal(stateOf(members, { keys: custody.keys }))).toEqual({ act: "wait", for: expect.any(String) });
  });
});

describe("join with an absent member", () => {
  const planned = (...members: Member[]) => planJoin(stateOf(members, { keys: custody.keys }));

  it("joins an uninitialised member first, although there is a quorum without it", () => {
    const members = [leader, follower, pods.follower("vault-2"), pods.absent("vault-3"), pods.uninitialised("vault-4")];

    expect(planned(...members)).toMatchObject({ act: "join", pod: "vault-4" });
  });

  it("waits for a new leader while the unsealed members still name the absent one", () => {
    const step = planned(pods.absent("vault-0"), pods.follower("vault-1"), pods.follower("vault-2"));

    expect(step).toEqual({
      act: "wait",
      for: "vault-0 has not answered (there is no such pod); vault-1, vault-2: no member is the leader yet",
    });
  });

  it("waits while a member knows no leader", () => {
    const step = planned(leader, pods.follower("vault-1", { leader: undefined }), pods.absent("vault-2"));

    expect(step).toMatchObject({ act: "wait", for: expect.stringContaining("vault-1 knows no leader yet") });
  });
});

describe("a quorum", () => {
  test.each([
    [1, 1, true],
    [1, 2, false],
    [1, 3, false],
    [2, 3, true],
    [2, 4, false],
    [3, 4, true],
    [2, 5, false],
    [3, 5, true],
  ])("with %i of %i members unsealed: %s", (running, all, expected) => {
    const members = Array.from({ length: all }, (_, i) => (i < running ? pods.follower : pods.sealed)(`vault-${i}`));

    expect(hasQuorum({ members })).toBe(expected);
  });
});
