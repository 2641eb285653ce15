import { describe, expect, it } from "vitest";
import { isInitialised, planRepair, pollPause, roundPause, toRepair } from "../../../src/watch/plan.ts";
import { clusterB, custody, pods, stateOf, summarise } from "../bring-up/states.ts";

const none: ReadonlySet<string> = new Set();
const namesOf = (members: readonly { readonly pod: string }[]) => members.map(({ pod }) => pod);

describe("toRepair", () => {
  it("names every sealed member, also while none is unsealed", () => {
    expect(namesOf(toRepair([pods.sealed("vault-0"), pods.silent("vault-1"), pods.sealed("vault-2")]))).toEqual([
      "vault-0",
      "vault-2",
    ]);
  });

  it("names a new member once another is unsealed", () => {
    expect(namesOf(toRepair([pods.leader("vault-0"), pods.uninitialised("vault-1")]))).toEqual(["vault-1"]);
  });

  it("names no new member while none is unsealed, since only init may initialise", () => {
    expect(toRepair([pods.uninitialised("vault-0"), pods.uninitialised("vault-1")])).toEqual([]);
  });

  it.each([
    ["that was removed from the cluster", pods.sealed("vault-1", { removed: true })],
    ["that unseals itself", pods.sealed("vault-1", { autoUnseal: true })],
    ["that is unsealed", pods.follower("vault-1")],
    ["that does not answer", pods.silent("vault-1")],
    ["that is new, but shares no storage", pods.uninitialised("vault-1", { storage: "file" })],
  ])("skips a member %s", (_, member) => {
    expect(toRepair([pods.leader("vault-0"), member])).toEqual([]);
  });
});

describe("planRepair", () => {
  it("unseals the first sealed member while none is unsealed", () => {
    const state = stateOf([pods.sealed("vault-0"), pods.sealed("vault-1")], { keys: custody.keys });

    expect(planRepair(state, none)).toMatchObject({ act: "unseal", pod: "vault-0" });
  });

  it("skips a member in its backoff, so that it delays no other", () => {
    const state = stateOf([pods.sealed("vault-0"), pods.sealed("vault-1")], { keys: custody.keys });

    expect(planRepair(state, new Set(["vault-0"]))).toMatchObject({ act: "unseal", pod: "vault-1" });
  });

  it("changes nothing while every member that it could repair is in its backoff", () => {
    const members = [pods.leader("vault-0"), pods.sealed("vault-1"), pods.uninitialised("vault-2")];
    const step = planRepair(stateOf(members, { keys: custody.keys }), new Set(["vault-1", "vault-2"]));

    expect(step.act).toBe("nothing");
  });

  it("still compares a member in its backoff with an unsealed member of another Vault", () => {
    const members = [pods.leader("vault-0"), pods.leader("vault-1", { clusterId: clusterB }), pods.sealed("vault-2")];
    const step = planRepair(stateOf(members, { keys: custody.keys }), new Set(["vault-0", "vault-1", "vault-2"]));

    expect(summarise(step)).toMatchObject({ act: "refuse", exitCode: 4 });
  });

  it("joins a new member once another is the leader", () => {
    const state = stateOf([pods.leader("vault-0"), pods.uninitialised("vault-1")], { keys: custody.keys });

    expect(planRepair(state, none)).toMatchObject({ act: "join", pod: "vault-1", leader: "vault-0" });
  });

  it("unseals a member whose volume is kept before it joins a new one", () => {
    const members = [pods.leader("vault-0"), pods.uninitialised("vault-1"), pods.sealed("vault-2")];

    expect(planRepair(stateOf(members, { keys: custody.keys }), none)).toMatchObject({ act: "unseal", pod: "vault-2" });
  });

  it("never plans init, whatever the members and custody are", () => {
    const members = [pods.uninitialised("vault-0"), pods.uninitialised("vault-1"), pods.uninitialised("vault-2")];
    const acts = Object.values(custody).map((keys) => planRepair(stateOf(members, { keys }), none).act);

    expect(new Set(acts)).toEqual(new Set(["refuse"]));
  });

  it("refuses while custody has no keys, and names what to restore", () => {
    const step = summarise(planRepair(stateOf([pods.sealed("vault-0")]), none));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("Restore Secret vault-custody/vault-unseal-keys");
  });
});

describe("isInitialised", () => {
  it.each([
    ["true if one member says so, and the others are silent", 3, [pods.silent("a"), pods.sealed("b")], true],
    ["false if every replica answers and none is", 2, [pods.uninitialised("a"), pods.uninitialised("b")], false],
    ["unknown while a replica is silent", 2, [pods.uninitialised("a"), pods.silent("b")], undefined],
    ["unknown without replicas", 0, [], undefined],
    ["unknown without a StatefulSet", undefined, [], undefined],
  ])("is %s", (_, replicas, members, expected) => {
    expect(isInitialised(replicas, members)).toBe(expected);
  });
});

describe("the longest pause between rounds", () => {
  const leader = pods.leader("vault-0");

  it.each([
    ["a sealed member", pods.sealed("vault-1")],
    ["a new member", pods.uninitialised("vault-1")],
  ])("is 1 s for %s, whose repair may have to be tried again", (_, member) => {
    expect(roundPause([leader, member])).toBe(1000);
  });

  it.each([
    ["an unsealed member", pods.follower("vault-1")],
    ["a member that does not answer", pods.silent("vault-1")],
    ["a member that was removed from the cluster", pods.sealed("vault-1", { removed: true })],
    ["a member that unseals itself", pods.sealed("vault-1", { autoUnseal: true })],
  ])("is 2 s for %s, which needs no repair", (_, member) => {
    expect(roundPause([leader, member])).toBe(2000);
  });

  it("is 2 s before anything is known", () => {
    expect(roundPause([])).toBe(2000);
  });
});

describe("a poll", () => {
  const [well, sealed] = [pods.leader("vault-0").status, pods.sealed("vault-0").status];
  const leaderless = pods.follower("vault-0", { leader: undefined }).status;

  it.each([
    ["calm while its member is well, also just after a change", well, 0, 1000],
    ["close while its member is sealed", sealed, 60_000, 250],
    ["close while its member knows no leader", leaderless, 60_000, 250],
    ["close while its member is silent", undefined, 60_000, 250],
    ["calm again when its member has been silent for very long", undefined, 400_000, 1000],
  ])("is %s", (_, status, unchangedMs, expected) => {
    expect(pollPause({ status, unchangedMs })).toBe(expected);
  });
});
