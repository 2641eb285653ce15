import { describe, expect, it } from "vitest";
import { decide } from "../../../src/argocd/decide.ts";
import { ended, factsWith, requested, summary } from "./facts.ts";

describe("the pause before a sync", () => {
  const failedAgain = (attempt: number, operationMs: number) =>
    factsWith({
      status: { operationState: ended("Failed", { operation: requested("SyncFailed", attempt) }) },
      unchangedMs: { operation: operationMs },
    });

  it.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [6, 320],
    [7, 600],
    [99, 600],
  ])("after %i failed attempts is %i s", (attempt, seconds) => {
    expect(summary(failedAgain(attempt, seconds * 1000 - 1))).toBe("wait");
    expect(summary(failedAgain(attempt, seconds * 1000))).toBe(`sync SyncFailed ${attempt + 1}`);
  });

  it("grows when the sync failed for another reason than that of its request", () => {
    const operationState = ended("Failed", { operation: requested("NotInitialized", 3) });

    expect(summary(factsWith({ status: { operationState } }))).toBe("sync SyncFailed 4");
  });

  it("before the first attempt is 5 s", () => {
    const facts = (ms: number) =>
      factsWith({ status: { operationState: ended("Failed") }, unchangedMs: { operation: ms } });

    expect(decide(facts(4000))).toEqual({ act: "wait", why: "the last sync failed: it ended; attempt 1 in 1 s" });
    expect(summary(facts(5000))).toBe("sync SyncFailed 1");
  });

  it("grows when the sync succeeds and its reason is still there", () => {
    const operationState = ended("Succeeded", { operation: requested("NotInitialized", 3) });
    const facts = (ms: number) =>
      factsWith({ initialised: false, status: { operationState }, unchangedMs: { operation: ms } });

    expect(summary(facts(39_000))).toBe("wait");
    expect(summary(facts(40_000))).toBe("sync NotInitialized 4");
  });

  it.each([
    ["for another reason succeeded", requested("HooksFailed", 3), 60_000],
    ["for the same reason succeeded long ago", requested("NotInitialized", 3), 600_001],
    ["of somebody else succeeded", { initiatedBy: { username: "admin" }, sync: {} }, 60_000],
  ])("starts again after a sync that %s", (_, by, ms) => {
    const status = { operationState: ended("Succeeded", { operation: by }) };

    expect(summary(factsWith({ initialised: false, status, unchangedMs: { operation: ms } }))).toBe(
      "sync NotInitialized 1",
    );
  });
});
