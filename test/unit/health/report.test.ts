import { describe, expect, it } from "vitest";
import { changedFields, eventsFor, isRewording } from "../../../src/health/changes.ts";
import { reportOf } from "../../../src/health/report.ts";
import { type Problem, vaultHealth } from "../../../src/health/vault-health.ts";
import { pods } from "../bring-up/states.ts";
import { members, roundAt } from "./rounds.ts";

const sealed: Problem = {
  reason: "MemberSealed",
  object: "pod/vault-1",
  since: "2026-11-29T12:00:00Z",
  message: "vault-1 is sealed",
  remedy: "Unseal it.",
};
const missing: Problem = { ...sealed, reason: "KeysMissing", object: "secret/vault-unseal-keys" };
const well = { problems: [], pending: false, memory: new Map() };

describe("a report", () => {
  it("counts unsealed and sealed members, and names the leader", () => {
    const round = roundAt(0, { members: members(pods.sealed("vault-1"), pods.silent("vault-2")) });

    expect(reportOf(round, well, {})).toMatchObject({ members: "1/3", sealed: 1, leader: "vault-0" });
  });

  it("has no leader if no member is active", () => {
    const round = roundAt(0, { members: members(pods.sealed("vault-0")) });

    expect(reportOf(round, well, {})).toMatchObject({ members: "2/3", leader: "none" });
  });

  it("is Healthy without a problem, and valid for three minutes", () => {
    expect(reportOf(roundAt(0), well, {})).toMatchObject({
      conditions: [{ status: "True", reason: "Healthy", message: "3/3 members unsealed, leader vault-0" }],
      observedAt: "2026-11-29T12:00:00Z",
      validUntil: "2026-11-29T12:03:00Z",
    });
  });

  it("is not Healthy with problems, and shows the first", () => {
    const { conditions } = reportOf(roundAt(0), { ...well, problems: [missing, sealed] }, {});

    expect(conditions).toMatchObject([
      { status: "False", reason: "KeysMissing", message: "vault-1 is sealed (and 1 more)" },
    ]);
  });

  it("shortens a long message in its condition", () => {
    const long = { ...sealed, message: "x".repeat(1000) };

    expect(reportOf(roundAt(0), { ...well, problems: [long] }, {}).conditions[0]?.message).toHaveLength(200);
  });

  it("is Unknown while the first round waits for a grace, and stays Healthy if it was", () => {
    const pending = { ...well, pending: true };
    const before = reportOf(roundAt(0), well, {});

    expect(reportOf(roundAt(5), pending, {}).conditions[0]?.status).toBe("Unknown");
    expect(reportOf(roundAt(5), pending, before).conditions[0]?.status).toBe("True");
  });

  it("keeps the time of its last transition", () => {
    const first = reportOf(roundAt(0), well, {});
    const same = reportOf(roundAt(30), well, first);
    const worse = reportOf(roundAt(40), { ...well, problems: [sealed] }, same);

    expect(same.conditions).toEqual(first.conditions);
    expect(worse.conditions[0]?.lastTransitionTime).toBe("2026-11-29T12:00:40Z");
  });
});

describe("two reports", () => {
  it("do not differ by their times alone", () => {
    const before = reportOf(roundAt(0), well, {});

    expect(changedFields(before, reportOf(roundAt(30), well, before))).toEqual({});
  });

  it("differ in the fields that changed", () => {
    const before = reportOf(roundAt(0), well, {});
    const after = reportOf(roundAt(30, { members: members(pods.sealed("vault-1")) }), well, before);

    expect(Object.keys(changedFields(before, after)).sort()).toEqual(["conditions", "members", "sealed"]);
  });

  it("differ only in words if they have the same problems", () => {
    const before = reportOf(roundAt(0), { ...well, problems: [sealed] }, {});
    const reworded = reportOf(roundAt(9), { ...well, problems: [{ ...sealed, message: "no answer" }] }, before);
    const added = reportOf(roundAt(9), { ...well, problems: [sealed, missing] }, before);

    expect(isRewording(before, changedFields(before, reworded))).toBe(true);
    expect(isRewording(before, changedFields(before, added))).toBe(false);
  });
});

describe("Events", () => {
  const regarding = { ...vaultHealth("vault-watch"), uid: "uid-health" };
  const at = new Date("2026-11-29T12:00:20Z");

  it("are created for a problem that begins and for one that ends", () => {
    expect(eventsFor(regarding, [missing], [sealed], at)).toMatchObject([
      {
        name: "vault.membersealed.pod-vault-1.20261129t120000z.begins",
        type: "Warning",
        reason: "MemberSealed",
        note: "vault-1 is sealed. Unseal it.",
      },
      {
        name: "vault.keysmissing.secret-vault-unseal-keys.20261129t120000z.ends",
        type: "Normal",
        reason: "Resolved",
        note: "KeysMissing of secret/vault-unseal-keys since 2026-11-29T12:00:00Z has ended",
      },
    ]);
  });

  it("are not created for a problem that goes on", () => {
    expect(eventsFor(regarding, [sealed], [{ ...sealed, message: "still sealed" }], at)).toEqual([]);
  });
});
