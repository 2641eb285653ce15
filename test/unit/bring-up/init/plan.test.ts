import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planInit } from "../../../../src/bring-up/init/plan.ts";
import type { ClusterState, Member } from "../../../../src/bring-up/state.ts";
import type { KeysFound } from "../../../../src/custody/custody.ts";
import { claim, clusterB, custody, fingerprint, pods, recordOf, stateOf, summarise } from "../states.ts";

const names = ["vault-0", "vault-1", "vault-2"];
const storage = {
  "every pod uninitialised": names.map((pod) => pods.uninitialised(pod)),
  "initialised, sealed": names.map((pod) => pods.sealed(pod)),
  "initialised, unsealed": [pods.leader("vault-0"), pods.follower("vault-1"), pods.follower("vault-2")],
  "one unsealed, others not initialised": [
    pods.leader("vault-0"),
    ...names.slice(1).map((pod) => pods.uninitialised(pod)),
  ],
  "one sealed, others not initialised": [
    pods.sealed("vault-0"),
    ...names.slice(1).map((pod) => pods.uninitialised(pod)),
  ],
  "unsealed with different cluster ids": [
    pods.leader("vault-0"),
    pods.leader("vault-1", { clusterId: clusterB }),
    pods.uninitialised("vault-2"),
  ],
};

type Cell = [
  storage: keyof typeof storage,
  keys: keyof typeof custody,
  act: string,
  exit: number | undefined,
  parts: string[],
];
const warned = ["vault-hooks cannot unseal it"];
const different = [
  "vault-0 belongs to cluster 11111111-aaaa",
  "vault-1 belongs to cluster 22222222-bbbb",
  "initialised separately",
];
const lost = [
  "Secret vault-custody/vault-unseal-keys does not exist",
  "Restore Secret vault-custody/vault-unseal-keys",
];

const cells: Cell[] = [
  ["every pod uninitialised", "none", "initialise", undefined, ['"pod":"vault-0"']],
  [
    "every pod uninitialised",
    "keys",
    "refuse",
    4,
    [fingerprint, `acceptDataLoss: "${fingerprint}"`, "storage was lost"],
  ],
  ["every pod uninitialised", "denied", "refuse", 5, ["forbidden"]],
  ["every pod uninitialised", "partial", "refuse", 4, ["lacks share-1"]],
  ["every pod uninitialised", "unanswered", "wait", undefined, ["no answer"]],
  ["initialised, sealed", "none", "refuse", 4, ["vault-0, vault-1, vault-2 hold an initialised Vault", ...lost]],
  ["initialised, sealed", "keys", "nothing", undefined, ["run unseal next"]],
  ["initialised, sealed", "denied", "refuse", 5, ["forbidden"]],
  ["initialised, sealed", "partial", "refuse", 4, ["lacks share-1"]],
  ["initialised, sealed", "unanswered", "wait", undefined, ["no answer"]],
  ["initialised, unsealed", "none", "nothing", undefined, warned],
  ["initialised, unsealed", "keys", "nothing", undefined, ["initialised and unsealed"]],
  ["initialised, unsealed", "denied", "nothing", undefined, [...warned, "forbidden"]],
  ["initialised, unsealed", "partial", "nothing", undefined, [...warned, "lacks share-1"]],
  ["initialised, unsealed", "unanswered", "nothing", undefined, [...warned, "no answer"]],
  ["one unsealed, others not initialised", "none", "nothing", undefined, warned],
  ["one unsealed, others not initialised", "keys", "nothing", undefined, []],
  ["one unsealed, others not initialised", "denied", "nothing", undefined, warned],
  ["one unsealed, others not initialised", "partial", "nothing", undefined, warned],
  ["one unsealed, others not initialised", "unanswered", "nothing", undefined, warned],
  ["one sealed, others not initialised", "none", "refuse", 4, ["vault-0 holds an initialised Vault", ...lost]],
  ["one sealed, others not initialised", "keys", "nothing", undefined, []],
  ["one sealed, others not initialised", "denied", "refuse", 5, []],
  ["one sealed, others not initialised", "partial", "refuse", 4, []],
  ["one sealed, others not initialised", "unanswered", "wait", undefined, []],
  ["unsealed with different cluster ids", "none", "refuse", 4, different],
  ["unsealed with different cluster ids", "keys", "refuse", 4, different],
  ["unsealed with different cluster ids", "denied", "refuse", 4, different],
  ["unsealed with different cluster ids", "partial", "refuse", 4, different],
  ["unsealed with different cluster ids", "unanswered", "refuse", 4, different],
];

describe("init, for each state of storage and custody,", () => {
  it("has a case here", () => {
    const expected = Object.keys(storage).length * Object.keys(custody).length;

    const found = new Set(cells.map(([row, column]) => `${row} × ${column}`)).size;

    expect(found).toBe(expected);
  });

  it.each(cells)("storage '%s', keys '%s': decides to %s", (row, column, act, exitCode, parts) => {
    const state = stateOf(storage[row], { keys: custody[column] });

    const step = summarise(planInit(state, {}));

    expect(step).toMatchObject({ act, exitCode });
    for (const part of parts) expect(step.text).toContain(part);
  });
});

describe("init, when a pod or volume may hold data,", () => {
  const two = [pods.uninitialised("vault-0"), pods.uninitialised("vault-1")];

  it("waits for a pod that does not answer, and quotes its reason", () => {
    const step = summarise(planInit(stateOf([...two, pods.silent("vault-2")]), {}));

    expect(step.act).toBe("wait");
    expect(step.text).toContain("vault-2 has not answered (ImagePullBackOff: no such image)");
  });

  it("refuses when a claim of a scaled-down member exists, and names the claim", () => {
    const state = stateOf(two, { claims: [...names, "vault-7"].map((pod) => claim(pod)) });

    const step = summarise(planInit(state, {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("data-vault-2, data-vault-7");
    expect(step.text).toContain("Scale StatefulSet vault/vault up");
  });

  it("waits while a volume claim is being deleted", () => {
    const state = stateOf(two, { claims: [...two.map(({ pod }) => claim(pod)), claim("vault-2", { deleting: true })] });

    expect(summarise(planInit(state, {}))).toMatchObject({ act: "wait" });
  });

  it("waits while the StatefulSet has no replicas", () => {
    expect(summarise(planInit(stateOf([]), {}))).toMatchObject({ act: "wait" });
  });

  it("waits for every pod to answer before it refuses for lost keys", () => {
    expect(summarise(planInit(stateOf([pods.sealed("vault-0"), pods.silent("vault-1")]), {})).act).toBe("wait");
  });
});

describe("init, with recovery declarations in Git,", () => {
  const uninitialised = names.map((pod) => pods.uninitialised(pod));
  const sealedFirst = [pods.sealed("vault-0"), pods.uninitialised("vault-1"), pods.uninitialised("vault-2")];

  it("archives the keys when acceptDataLoss has their fingerprint", () => {
    const step = planInit(stateOf(uninitialised, { keys: custody.keys }), { acceptDataLoss: fingerprint });

    expect(step).toEqual({ act: "archive", fingerprint });
  });

  it("refuses when acceptDataLoss has the fingerprint of other keys", () => {
    const step = planInit(stateOf(uninitialised, { keys: custody.keys }), { acceptDataLoss: "0123456789abcdef" });

    expect(summarise(step)).toMatchObject({ act: "refuse", exitCode: 4 });
  });

  it("waits to archive the keys while a silent pod may hold the data", () => {
    const state = stateOf([...uninitialised.slice(1), pods.silent("vault-0")], { keys: custody.keys });

    expect(planInit(state, { acceptDataLoss: fingerprint }).act).toBe("wait");
  });

  it("offers remakeUnused when the Vault was never used", () => {
    const step = summarise(planInit(stateOf(sealedFirst, { record: recordOf(sealedFirst) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain('remakeUnused: "intent-1"');
    expect(step.text).toContain("no run of vault-hooks has unsealed it since");
    // called at 00:00:01, and a run holds the answer for thirteen minutes at most
    expect(step.text).toContain("Until 2026-01-01T00:13:01.000Z a run of init that cannot reach Kubernetes");
  });

  it("recreates an unused Vault when remakeUnused has its intent", () => {
    const step = planInit(stateOf(sealedFirst, { record: recordOf(sealedFirst) }), { remakeUnused: "intent-1" });

    expect(step).toEqual({ act: "recreate", intent: "intent-1", pods: names });
  });

  describe("when a run was interrupted after it recreated the first member,", () => {
    const empty = names.map((pod) => pods.uninitialised(pod));
    const halfDeleted = [
      claim("vault-0", { uid: "new" }),
      ...names.slice(1).map((pod) => claim(pod, { deleting: true })),
    ];
    const recovery = { remakeUnused: "intent-1" };

    it("recreates the others, whose claims wait for their pods to be deleted", () => {
      const step = planInit(stateOf(empty, { claims: halfDeleted, record: recordOf(empty) }), recovery);

      expect(step).toEqual({ act: "recreate", intent: "intent-1", pods: names.slice(1) });
    });

    it.each([
      ["Git has no recovery declaration", {}, {}],
      ["remakeUnused has another intent", { remakeUnused: "intent-2" }, {}],
      ["the claims are not the recorded ones", recovery, { record: recordOf(empty, { storage: {} }) }],
      ["its keys were stored", recovery, { record: recordOf(empty, { fingerprint }) }],
      ["init was never called", recovery, { record: recordOf(empty, { calledAt: "" }) }],
      ["it was unsealed", recovery, { record: recordOf(empty, { unsealedAt: "2026-01-02" }) }],
      ["a member does not answer", recovery, { members: [...empty.slice(0, 2), pods.silent("vault-2")] }],
    ])("deletes nothing when %s", (_, words, more) => {
      const state = stateOf(empty, { claims: halfDeleted, record: recordOf(empty), ...more });

      expect(planInit(state, words).act).toBe("wait");
    });
  });

  it.each([
    ["it was unsealed", { record: recordOf(sealedFirst, { unsealedAt: "2026-01-02" }) }],
    ["its cluster id is known", { record: recordOf(sealedFirst, { clusterId: "11111111-aaaa" }) }],
    ["init was never called", { record: recordOf(sealedFirst, { calledAt: "" }) }],
    ["its keys were stored", { record: recordOf(sealedFirst, { fingerprint }) }],
    [
      "a volume claim is not the recorded one",
      { record: recordOf(sealedFirst, { storage: { "data-vault-0": "another" } }) },
    ],
    ["the StatefulSet is not the recorded one", { record: recordOf(sealedFirst, { statefulSet: "another" }) }],
    [
      "a volume claim was added",
      { record: recordOf(sealedFirst), claims: [...names, "vault-3"].map((pod) => claim(pod)) },
    ],
    ["there is no record", {}],
  ])("refuses to recreate it when %s", (_, more) => {
    const step = summarise(planInit(stateOf(sealedFirst, more), { remakeUnused: "intent-1" }));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).not.toContain("remakeUnused");
  });

  it("waits to recreate it while a pod does not answer", () => {
    const members = [...sealedFirst.slice(0, 2), pods.silent("vault-2")];

    expect(planInit(stateOf(members, { record: recordOf(members) }), { remakeUnused: "intent-1" }).act).toBe("wait");
  });

  it("refuses when Vault unsealed itself and the response of init was lost", () => {
    const members = [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })];

    const step = summarise(planInit(stateOf(members, { record: recordOf(members) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("delete the volume claims and pods of StatefulSet vault/vault");
  });

  it("refuses to recreate an unsealed Vault, and does not offer remakeUnused", () => {
    const members = [pods.leader("vault-0", { autoUnseal: true })];

    const step = summarise(planInit(stateOf(members, { record: recordOf(members) }), { remakeUnused: "intent-1" }));

    expect(step.act).toBe("refuse");
    expect(step.text).not.toContain("remakeUnused");
  });
});

it("init refuses when custody belongs to another Vault that exists, and offers no recovery declaration", () => {
  const uninitialised = names.map((pod) => pods.uninitialised(pod));
  const state = stateOf(uninitialised, { keys: custody.keys, otherOwner: "vault-b/vault" });

  const step = summarise(planInit(state, { acceptDataLoss: fingerprint }));

  expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
  expect(step.text).toContain("belongs to StatefulSet vault-b/vault, not to vault/vault");
  expect(step.text).toContain("--custody-namespace");
  expect(step.text).not.toMatch(/acceptDataLoss|remakeUnused/);
});

it("init finishes an earlier init before anything else when there is a journal", () => {
  const state = stateOf([pods.sealed("vault-0"), pods.silent("vault-1")], { unfinished: true });

  expect(planInit(state, {})).toEqual({ act: "finish" });
});

it("init initialises with recovery keys when Vault has auto-unseal", () => {
  const step = planInit(stateOf([pods.uninitialised("vault-0", { autoUnseal: true })]), {});

  expect(step).toEqual({ act: "initialise", pod: "vault-0", autoUnseal: true });
});

describe("init, when the connection of an earlier call broke and Vault is still empty,", () => {
  const members = names.map((pod) => pods.uninitialised(pod));

  it("refuses while the pod that was called exists, and names it", () => {
    const step = summarise(planInit(stateOf(members, { record: recordOf(members) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("vault-0 may still be working on the call of init with intent intent-1");
    expect(step.text).toContain("delete pod vault-0 in namespace vault");
  });

  it.each([
    ["the pod is another one", { calledPod: "uid-of-one-that-is-gone" }],
    ["the call is known to have had no effect", { calledAt: "", calledPod: "" }],
    ["the volumes are other ones", { storage: { "data-vault-0": "another" } }],
  ])("initialises when %s", (_, more) => {
    expect(planInit(stateOf(members, { record: recordOf(members, more) }), {}).act).toBe("initialise");
  });
});

const anyMember = (pod: string): fc.Arbitrary<Member> =>
  fc.constantFrom<Member>(
    pods.uninitialised(pod),
    pods.uninitialised(pod),
    pods.sealed(pod),
    pods.leader(pod),
    pods.leader(pod, { clusterId: clusterB }),
    pods.sealed(pod, { removed: true }),
    pods.silent(pod),
  );
const anyState: fc.Arbitrary<ClusterState> = fc
  .record({
    members: fc.tuple(...names.map(anyMember)),
    keys: fc.constantFrom<KeysFound>(...Object.values(custody), custody.none, custody.none),
    further: fc.constantFrom([], [claim("vault-5")], [claim("vault-5", { deleting: true })], []),
    unfinished: fc.constantFrom(false, false, true),
    count: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ members, keys, further, unfinished, count }) => {
    const existing = members.slice(0, count);
    return stateOf(existing, { keys, unfinished, claims: [...existing.map(({ pod }) => claim(pod)), ...further] });
  });

describe("init, in any state,", () => {
  it("initialises only if every pod is empty, custody has no keys, and no volume is left over", () => {
    let initialised = 0;

    fc.assert(
      fc.property(
        anyState,
        fc.constantFrom({}, { acceptDataLoss: fingerprint }, { remakeUnused: "intent-1" }),
        (state, recovery) => {
          if (planInit(state, recovery).act !== "initialise") return;
          initialised++;
          expect(state.members.every(({ status }) => status?.initialized === false)).toBe(true);
          expect(state.keys.kind).toBe("none");
          expect(state.claims.map(({ pod }) => pod)).toEqual(state.members.map(({ pod }) => pod));
          expect(state.unfinished).toBe(false);
        },
      ),
      { numRuns: 5000 },
    );

    expect(initialised).toBeGreaterThan(10);
  });
});
