import { describe, expect, it } from "vitest";
import { planInit } from "../../../../src/bring-up/init/plan.ts";
import { custody, fingerprint, pods, recordOf, stateOf, summarise } from "../states.ts";

const unsealed = [pods.leader("vault-0"), pods.follower("vault-1"), pods.follower("vault-2")];
const unsealedByItself = [pods.leader("vault-0", { autoUnseal: true })];
const stored = { fingerprint, unsealedAt: "2026-01-01T00:00:02.000Z", clusterId: "11111111-aaaa" };

describe("init, when Vault is unsealed and its stored keys are gone,", () => {
  it("refuses, names their fingerprint, and says to restore them and to restart no member", () => {
    const step = summarise(planInit(stateOf(unsealed, { record: recordOf(unsealed, stored) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain(`unseal keys are gone: init stored keys with fingerprint ${fingerprint}`);
    expect(step.text).toContain("Restore Secret vault-custody/vault-unseal-keys from a backup");
    expect(step.text).toMatch(/does not exist Restart no member before the keys are restored: .* Restore Secret/);
  });

  it("refuses also when only one member is unsealed and the others do not answer", () => {
    const members = [pods.leader("vault-0"), pods.silent("vault-1"), pods.sealed("vault-2")];

    const step = summarise(planInit(stateOf(members, { record: recordOf(members, stored) }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
  });

  it("refuses for recovery keys, too, and does not speak of sealing", () => {
    const record = recordOf(unsealedByItself, stored);

    const step = summarise(planInit(stateOf(unsealedByItself, { record }), {}));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("its recovery keys are gone");
    expect(step.text).not.toContain("Restart no member");
  });

  it("refuses when the keys exist and are damaged", () => {
    const state = stateOf(unsealed, { keys: custody.partial, record: recordOf(unsealed, stored) });

    expect(summarise(planInit(state, {}))).toMatchObject({
      act: "refuse",
      exitCode: 4,
      text: expect.stringContaining("lacks share-1"),
    });
  });

  it.each([
    ["custody may not be read", { keys: custody.denied, record: recordOf(unsealed, stored) }],
    ["custody does not answer", { keys: custody.unanswered, record: recordOf(unsealed, stored) }],
    ["somebody else initialised Vault, so that there is no record", {}],
    ["the record has no fingerprint, because init never stored keys", { record: recordOf(unsealed) }],
  ])("only warns when %s", (_, more) => {
    const step = planInit(stateOf(unsealed, more), {});

    expect(step).toMatchObject({ act: "nothing", warning: expect.stringContaining("cannot unseal it") });
  });

  it("has nothing to do once the keys are back", () => {
    const state = stateOf(unsealed, { keys: custody.keys, record: recordOf(unsealed, stored) });

    expect(planInit(state, {}).act).toBe("nothing");
  });
});

describe("init, when the storage and the stored keys are gone,", () => {
  const empty = [pods.uninitialised("vault-0")];
  const state = stateOf(empty, { record: recordOf(empty, stored) });

  it.each([
    ["without a declaration", {}],
    ["with a declaration for other keys", { acceptDataLoss: "0123456789abcdef" }],
  ])("refuses %s, and names the declaration", (_when, recovery) => {
    const step = summarise(planInit(state, recovery));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain(`acceptDataLoss: "${fingerprint}"`);
  });

  it("initialises with the declaration, as after it has archived the keys", () => {
    expect(planInit(state, { acceptDataLoss: fingerprint })).toMatchObject({ act: "initialise", pod: "vault-0" });
  });
});

describe("init, when archived keys were restored and their storage is lost again,", () => {
  const empty = [pods.uninitialised("vault-0")];
  const declared = { acceptDataLoss: fingerprint };
  const archived = { keys: custody.keys, keysArchived: true };

  it("refuses a declaration that was left in Git, because a Vault was initialised since", () => {
    const record = recordOf(empty, { ...stored, fingerprint: "fedcba9876543210" });
    const step = summarise(planInit(stateOf(empty, { ...archived, record }), declared));

    expect(step).toMatchObject({ act: "refuse", exitCode: 4 });
    expect(step.text).toContain("once before");
  });

  it.each([
    ["the record is still that of these keys", recordOf(empty, stored)],
    ["there is no record", undefined],
  ])("goes on where it was killed between the archive and the deletion: %s", (_when, record) => {
    expect(planInit(stateOf(empty, { ...archived, record }), declared)).toMatchObject({ act: "archive" });
  });
});
