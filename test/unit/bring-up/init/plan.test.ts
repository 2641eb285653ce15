import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planInit } from "../../../../src/bring-up/init/plan.ts";
import type { ClusterState, Member } from "../../../../src/bring-up/state.ts";
import type { KeysFound } from "../../../../src/custody/custody.ts";
import { claim, clusterB, custody, fingerprint, pods, recordOf, stateOf, told } from "../states.ts";

const names = ["vault-0", "vault-1", "vault-2"];
const storage = {
  "every pod uninitialised": names.map((pod) => pods.uninitialised(pod)),
  "initialised, sealed": names.map((pod) => pods.sealed(pod)),
  "initialised, open": [pods.leader("vault-0"), pods.follower("vault-1"), pods.follower("vault-2")],
  "one open, others not initialised": [pods.leader("vault-0"), ...names.slice(1).map((pod) => pods.uninitialised(pod))],
  "one sealed, others not initialised": [
    pods.sealed("vault-0"),
    ...names.slice(1).map((pod) => pods.uninitialised(pod)),
  ],
  "open with different cluster ids": [
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
const warned = ["nothing here opens it"];
const different = ["vault-0 is of cluster 11111111-aaaa", "vault-1 is of cluster 22222222-bbbb", "initialised apart"];
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
  ["initialised, sealed", "keys", "nothing", undefined, ["unseal opens it"]],
  ["initialised, sealed", "denied", "refuse", 5, ["forbidden"]],
  ["initialised, sealed", "partial", "refuse", 4, ["lacks share-1"]],
  ["initialised, sealed", "unanswered", "wait", undefined, ["no answer"]],
  ["initialised, open", "none", "nothing", undefined, warned],
  ["initialised, open", "keys", "nothing", undefined, ["initialised and open"]],
  ["initialised, open", "denied", "nothing", undefined, [...warned, "forbidden"]],
  ["initialised, open", "partial", "nothing", undefined, [...warned, "lacks share-1"]],
  ["initialised, open", "unanswered", "nothing", undefined, [...warned, "no answer"]],
  ["one open, others not initialised", "none", "nothing", undefined, warned],
  ["one open, others not initialised", "keys", "nothing", undefined, []],
  ["one open, others not initialised", "denied", "nothing", undefined, warned],
  ["one open, others not initialised", "partial", "nothing", undefined, warned],
  ["one open, others not initialised", "unanswered", "nothing", undefined, warned],
  ["one sealed, others not initialised", "none", "refuse", 4, ["vault-0 holds an initialised Vault", ...lost]],
  ["one sealed, others not initialised", "keys", "nothing", undefined, []],
  ["one sealed, others not initialised", "denied", "refuse", 5, []],
  ["one sealed, others not initialised", "partial", "refuse", 4, []],
  ["one sealed, others not initialised", "unanswered", "wait", undefined, []],
  ["open with different cluster ids", "none", "refuse", 4, different],
  ["open with different cluster ids", "keys", "refuse", 4, different],
  ["open with different cluster ids", "denied", "refuse", 4, different],
  ["open with different cluster ids", "partial", "refuse", 4, different],
  ["open with different cluster ids", "unanswered", "refuse", 4, different],
];

describe("the table of storage and custody", () => {
  it("has a cell for every storage and every custody", () => {
    const expected = Object.keys(storage).length * Object.keys(custody).length;

    const found = new Set(cells.map(([row, column]) => `${row} × ${column}`)).size;

    expect(found).toBe(expected);
  });

  it.each(cells)("%s × %s: %s", (row, column, act, exitCode, parts) => {
    const state = stateOf(storage[row], { keys: custody[column] });

    const step = told(planInit(state, {}));

    expect(step).toMatchObject({ act, exitCode });
    for (const part of parts) expect(step.text).toContain(part);
  });
});

describe("what may hold data without having answered", () => {
  const two = [pods.uninitialised("vault-0"), pods.uninitialised("vault-1")];

  it("waits for a pod that does not answer, and says why it does not", () => {
    const step = told(planInit(stateOf([...two, pods.silent("vault-2")]), {}));

    expect(step.act).toBe("wait");
    expect(step.text).toContain("vault-2 has not answered (ImagePullBackOff: no such image)");
  });

  it("refuses over the volume of a member that was scaled away, and names it", () => {
    const state = stateOf(two, { claims: [...names, "vault-7"].map((pod) => claim(pod)) });

    const step = told(planInit(state, {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("data-vault-2, data-vault-7");
    expect(step.text).toContain("scale StatefulSet vault/vault up");
  });

  it("waits while a volume is being deleted", () => {
    const state = stateOf(two, { claims: [...two.map(({ pod }) => claim(pod)), claim("vault-2", { deleting: true })] });

    expect(told(planInit(state, {}))).toMatchObject({ act: "wait" });
  });

  it("waits for a StatefulSet without replicas", () => {
    expect(told(planInit(stateOf([]), {}))).toMatchObject({ act: "wait" });
  });

  it("does not say that keys are lost before every pod has answered", () => {
    expect(told(planInit(stateOf([pods.sealed("vault-0"), pods.silent("vault-1")]), {})).act).toBe("wait");
  });
});

describe("words in Git", () => {
  const blank = names.map((pod) => pods.uninitialised(pod));
  const shut = [pods.sealed("vault-0"), pods.uninitialised("vault-1"), pods.uninitialised("vault-2")];

  it("archives the keys whose loss of data was accepted", () => {
    const step = planInit(stateOf(blank, { keys: custody.keys }), { acceptDataLoss: fingerprint });

    expect(step).toEqual({ act: "archive", fingerprint });
  });

  it("takes a word for other keys for no word", () => {
    const step = planInit(stateOf(blank, { keys: custody.keys }), { acceptDataLoss: "0123456789abcdef" });

    expect(told(step)).toMatchObject({ act: "refuse", exitCode: 4 });
  });

  it("does not archive while a pod may still hold the data", () => {
    const state = stateOf([...blank.slice(1), pods.silent("vault-0")], { keys: custody.keys });

    expect(planInit(state, { acceptDataLoss: fingerprint }).act).toBe("wait");
  });

  it("tells the word for a Vault that was never used", () => {
    const step = told(planInit(stateOf(shut, { record: recordOf(shut) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain('remakeUnused: "intent-1"');
    expect(step.text).toContain("no run of vault-hooks has opened it since");
    // called at 00:00:01, and whoever has the answer holds it for thirteen minutes at most
    expect(step.text).toContain("Until 2026-01-01T00:13:01.000Z a run of init that cannot reach Kubernetes");
  });

  it("makes a Vault again that was never used, on the word", () => {
    const step = planInit(stateOf(shut, { record: recordOf(shut) }), { remakeUnused: "intent-1" });

    expect(step).toEqual({ act: "remake", intent: "intent-1", pods: names });
  });

  describe("of which a run was cut off when it had made the first member again", () => {
    const empty = names.map((pod) => pods.uninitialised(pod));
    const half = [claim("vault-0", { uid: "new" }), ...names.slice(1).map((pod) => claim(pod, { deleting: true }))];
    const word = { remakeUnused: "intent-1" };

    it("makes the others again, whose claims wait for their pods to go", () => {
      const step = planInit(stateOf(empty, { claims: half, record: recordOf(empty) }), word);

      expect(step).toEqual({ act: "remake", intent: "intent-1", pods: names.slice(1) });
    });

    it.each([
      ["there is no word", {}, {}],
      ["the word is of another one", { remakeUnused: "intent-2" }, {}],
      ["the claims are none of those", word, { record: recordOf(empty, { storage: {} }) }],
      ["its keys were kept", word, { record: recordOf(empty, { fingerprint }) }],
      ["init was never called", word, { record: recordOf(empty, { calledAt: "" }) }],
      ["it was unsealed", word, { record: recordOf(empty, { unsealedAt: "2026-01-02" }) }],
      ["a member does not answer", word, { members: [...empty.slice(0, 2), pods.silent("vault-2")] }],
    ])("deletes nothing if %s", (_, recovery, more) => {
      const state = stateOf(empty, { claims: half, record: recordOf(empty), ...more });

      expect(planInit(state, recovery).act).toBe("wait");
    });
  });

  it.each([
    ["it was unsealed", { record: recordOf(shut, { unsealedAt: "2026-01-02" }) }],
    ["its cluster id is known", { record: recordOf(shut, { clusterId: "11111111-aaaa" }) }],
    ["init was never called", { record: recordOf(shut, { calledAt: "" }) }],
    ["its keys were kept", { record: recordOf(shut, { fingerprint }) }],
    ["a volume is another one", { record: recordOf(shut, { storage: { "data-vault-0": "another" } }) }],
    ["the StatefulSet is another one", { record: recordOf(shut, { statefulSet: "another" }) }],
    ["a volume was added", { record: recordOf(shut), claims: [...names, "vault-3"].map((pod) => claim(pod)) }],
    ["there is no record", {}],
  ])("does not make it again if %s", (_, more) => {
    const step = told(planInit(stateOf(shut, more), { remakeUnused: "intent-1" }));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).not.toContain("remakeUnused");
  });

  it("does not make it again while a pod does not answer", () => {
    const members = [...shut.slice(0, 2), pods.silent("vault-2")];

    expect(planInit(stateOf(members, { record: recordOf(members) }), { remakeUnused: "intent-1" }).act).toBe("wait");
  });

  it("refuses a Vault that unsealed itself after its answer was lost", () => {
    const members = [pods.leader("vault-0", { autoUnseal: true }), pods.uninitialised("vault-1", { autoUnseal: true })];

    const step = told(planInit(stateOf(members, { record: recordOf(members) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("delete the volume claims and pods of StatefulSet vault/vault");
  });

  it("never makes a Vault again that is open, and offers no word for it", () => {
    const members = [pods.leader("vault-0", { autoUnseal: true })];

    const step = told(planInit(stateOf(members, { record: recordOf(members) }), { remakeUnused: "intent-1" }));

    expect(step.act).toBe("refuse");
    expect(step.text).not.toContain("remakeUnused");
  });
});

it("offers no word over keys of another Vault that stands: it says that each needs a custody of its own", () => {
  const blank = names.map((pod) => pods.uninitialised(pod));
  const state = stateOf(blank, { keys: custody.keys, otherOwner: "vault-b/vault" });

  const step = told(planInit(state, { acceptDataLoss: fingerprint }));

  expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
  expect(step.text).toContain("of StatefulSet vault-b/vault, not of vault/vault");
  expect(step.text).toContain("--custody-namespace");
  expect(step.text).not.toMatch(/acceptDataLoss|remakeUnused/);
});

it("finishes what an earlier init wrote down before anything else", () => {
  const state = stateOf([pods.sealed("vault-0"), pods.silent("vault-1")], { unfinished: true });

  expect(planInit(state, {})).toEqual({ act: "finish" });
});

it("initialises by recovery keys where Vault unseals itself", () => {
  const step = planInit(stateOf([pods.uninitialised("vault-0", { autoUnseal: true })]), {});

  expect(step).toEqual({ act: "initialise", pod: "vault-0", autoUnseal: true });
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
    const some = members.slice(0, count);
    return stateOf(some, { keys, unfinished, claims: [...some.map(({ pod }) => claim(pod)), ...further] });
  });

describe("whatever is observed", () => {
  it("never initialises unless every pod has answered that it is empty, no key is or may be kept, and no volume is left over", () => {
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
