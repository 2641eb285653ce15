import { describe, expect, it } from "vitest";
import { driftOf, hookFindings } from "../../../src/health/hook-findings.ts";
import type { Hooks } from "../../../src/health/vault-health.ts";

const finishedAt = "2026-11-29T12:00:00Z";
const later = "2026-11-29T12:05:00Z";
const at = (time: string) => new Date(time);
const ok = { exitCode: 0, finishedAt };

function reasons(hooks: Hooks, now = finishedAt): string[] {
  return hookFindings(hooks, at(now)).map(
    ({ reason, object, graceMs }) => `${reason} ${object}${graceMs === 0 ? "" : ` after ${graceMs / 60_000} min`}`,
  );
}

describe("a hook", () => {
  it.each([
    [2, "Misconfigured"],
    [4, "Refused"],
    [5, "Denied"],
  ])("that ended with exit code %i gave up at once", (exitCode, reason) => {
    expect(reasons({ init: { exitCode, finishedAt } })).toEqual([`${reason} hook/init`]);
  });

  it.each([1, 3])(
    "that ended with exit code %i gave up once no other attempt has reported in time, or after a quarter of an hour",
    (exitCode) => {
      const unseal = { exitCode, finishedAt, retryUntil: "2026-11-29T12:03:30Z" };

      expect(reasons({ unseal }, "2026-11-29T12:03:30Z")).toEqual(["HookFailed hook/unseal after 15 min"]);
      expect(reasons({ unseal }, "2026-11-29T12:03:31Z")).toEqual(["HookFailed hook/unseal"]);
    },
  );

  it("that ended with exit code 0 did not give up, nor did one that has never run", () => {
    expect(reasons({ init: ok, unseal: ok, join: ok, configure: ok })).toEqual([]);
    expect(reasons({})).toEqual([]);
  });

  it("is reported with its own message and remedy, since its end", () => {
    const init = { exitCode: 4, finishedAt, message: "the storage was lost", remedy: "Restore it." };

    expect(hookFindings({ init }, at(later))).toMatchObject([
      { message: "init ended with exit code 4: the storage was lost", remedy: "Restore it.", since: finishedAt },
    ]);
  });

  it("without a message is reported with its log as the remedy", () => {
    expect(hookFindings({ join: { exitCode: 5, finishedAt } }, at(later))).toMatchObject([
      { message: "join ended with exit code 5", remedy: expect.stringContaining("The log of the hook join") },
    ]);
  });

  it("that is first in order is reported first", () => {
    const failed = { exitCode: 4, finishedAt };

    expect(reasons({ configure: failed, init: failed })).toEqual(["Refused hook/init", "Refused hook/configure"]);
  });
});

describe("drift", () => {
  const drifted = { exitCode: 10, finishedAt: later, message: "3 differences" };

  it.each<[string, Hooks, string]>([
    ["is unknown before the first run", {}, "unknown"],
    ["is none after configure", { configure: ok }, "none"],
    ["is none after a plan without changes", { plan: ok }, "none"],
    [
      "has the fields that a plan without changes could not compare",
      { plan: { ...ok, message: "2 fields not compared" } },
      "none, 2 fields not compared",
    ],
    [
      "is none once configure, which compares all fields, has run after the plan",
      { plan: { ...ok, message: "2 fields not compared" }, configure: { exitCode: 0, finishedAt: later } },
      "none",
    ],
    ["is the result of a plan", { plan: drifted }, "3 differences"],
    ["is the result of a plan that is newer than configure", { plan: drifted, configure: ok }, "3 differences"],
    [
      "is none once configure has run after the plan",
      { plan: drifted, configure: { exitCode: 0, finishedAt: "2026-11-29T12:06:00Z" } },
      "none",
    ],
    [
      "stays while configure fails",
      { plan: drifted, configure: { exitCode: 3, finishedAt: "2026-11-29T12:06:00Z" } },
      "3 differences",
    ],
    ["is unknown after a plan that failed", { plan: { exitCode: 5, finishedAt } }, "unknown"],
  ])("%s", (_title, hooks, expected) => {
    expect(driftOf(hooks)).toBe(expected);
  });

  it("is no problem where fields could not be compared", () => {
    expect(reasons({ plan: { ...ok, message: "2 fields not compared" } }, later)).toEqual([]);
  });

  it("that is unknown, because plan found Vault not ready, is a problem only after an hour", () => {
    const plan = { exitCode: 3, finishedAt, retryUntil: finishedAt };

    expect(reasons({ plan }, later)).toEqual(["DriftUnknown hook/plan after 60 min"]);
    expect(driftOf({ plan })).toBe("unknown");
  });

  it("does not hide a plan that was denied, unless configure has run since", () => {
    const plan = { exitCode: 5, finishedAt: later };
    const repaired = { exitCode: 0, finishedAt: "2026-11-29T12:06:00Z" };

    expect(reasons({ plan, configure: ok }, later)).toEqual(["Denied hook/plan"]);
    expect(reasons({ plan, configure: repaired }, later)).toEqual([]);
  });

  it("is a problem until configure has run", () => {
    const repaired = { exitCode: 0, finishedAt: "2026-11-29T12:06:00Z" };

    expect(hookFindings({ plan: drifted }, at(later))).toMatchObject([
      { reason: "DriftDetected", object: "hook/plan", message: expect.stringContaining("3 differences") },
    ]);
    expect(reasons({ plan: drifted, configure: repaired }, later)).toEqual([]);
  });
});
