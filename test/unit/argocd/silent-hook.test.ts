import { describe, expect, it } from "vitest";
import { silentFailure } from "../../../src/argocd/silent-hook.ts";
import type { Hooks } from "../../../src/health/vault-health.ts";
import { ended, factsWith, times, withFailedHook } from "./facts.ts";

function failureOf(hooks: Hooks, phase: "Failed" | "Succeeded" = "Failed") {
  const state = ended(phase, withFailedHook("vault-configure", "Job has reached the specified backoff limit"));
  return silentFailure(factsWith({ status: { operationState: state } }).application, hooks, "vault");
}

describe("a hook that failed", () => {
  it("without an outcome of its own gets one, with the message of Argo CD", () => {
    expect(failureOf({ configure: { exitCode: 0, finishedAt: times.synced } })).toMatchObject({
      name: "configure",
      outcome: {
        exitCode: 1,
        finishedAt: times.operationEnded,
        message: expect.stringContaining("Job has reached the specified backoff limit"),
      },
    });
    expect(failureOf({})).toBeDefined();
  });

  it("keeps its own outcome", () => {
    expect(failureOf({ configure: { exitCode: 3, finishedAt: times.hookEnded } })).toBeUndefined();
  });

  it("because Argo CD terminated its operation gets no outcome", () => {
    const state = ended("Failed", withFailedHook("vault-configure", "Terminated"));

    expect(silentFailure(factsWith({ status: { operationState: state } }).application, {}, "vault")).toBeUndefined();
  });

  it("in an operation that succeeded after all gets none", () => {
    expect(failureOf({}, "Succeeded")).toBeUndefined();
  });
});
