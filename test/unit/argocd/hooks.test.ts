import { describe, expect, it } from "vitest";
import { again, ended, factsWith, summary, times, withFailedHook } from "./facts.ts";

describe("a hook that failed", () => {
  const began = { finishedAt: times.hookEnded };
  const failed = (name: string, message: string) => ({
    operationState: ended("Failed", withFailedHook(name, message)),
  });

  it.each([
    [1, "sync HooksFailed 1"],
    [2, "nothing"],
    [3, "sync HooksFailed 1"],
    [4, "nothing"],
    [5, "sync HooksFailed 1"],
  ])("with exit code %i is answered by: %s", (exitCode, expected) => {
    const status = failed("vault-init", "Job has reached the specified backoff limit");
    const hooks = { init: { ...began, exitCode } };

    expect(summary(factsWith({ status, hooks, initialised: false }))).toBe(expected);
  });

  it.each([
    [
      "Container init for pod vault/vault-init-abcde failed with exit code 4 matching FailJob rule at index 1",
      "nothing",
    ],
    [
      "Container init for pod vault/vault-init-abcde failed with exit code 2 matching FailJob rule at index 1",
      "nothing",
    ],
    [
      "Container init for pod vault/vault-init-abcde failed with exit code 5 matching FailJob rule at index 1",
      "sync HooksFailed 1",
    ],
    ["Job was active longer than specified deadline", "sync HooksFailed 1"],
  ])("without an outcome of its own is judged by the message of its Job: %s", (message, expected) => {
    expect(summary(factsWith({ status: failed("vault-init", message) }))).toBe(expected);
  });

  it("with an error of Argo CD is answered by a sync", () => {
    const syncResult = {
      resources: [
        { name: "vault-init", hookType: "PostSync", hookPhase: "Error", message: "failed to get resource health" },
      ],
    };

    expect(summary(factsWith({ status: { operationState: ended("Failed", { syncResult }) } }))).toBe(
      "sync HooksFailed 1",
    );
  });

  it("because Argo CD terminated its operation counts as a failed sync", () => {
    expect(summary(factsWith({ status: failed("vault-init", "Terminated") }))).toBe("sync SyncFailed 1");
  });

  it("is not assumed when an ordinary object of the sync failed", () => {
    const syncResult = { resources: [{ name: "vault", hookPhase: "Error", message: "it is missing" }] };

    expect(summary(factsWith({ status: { operationState: ended("Failed", { syncResult }) } }))).toBe(
      "sync SyncFailed 1",
    );
  });

  it("is not judged by an exit code of an earlier sync", () => {
    const hooks = { configure: { exitCode: 2, finishedAt: times.synced } };

    expect(summary(factsWith({ status: failed("vault-unseal", "Job has reached"), hooks }))).toBe("sync HooksFailed 1");
  });

  it("and needs a person, holds back no repair of objects that were changed or deleted since", () => {
    const hooks = { init: { ...began, exitCode: 4 } };
    const status = { ...failed("vault-init", ""), sync: { status: "OutOfSync" } };

    expect(summary(factsWith({ status, hooks }))).toBe("sync OutOfSync 1");
  });

  it("in a namespace that was deleted since says nothing about the new one", () => {
    const hooks = { init: { ...began, exitCode: 4 } };

    expect(summary(factsWith({ status: failed("vault-init", ""), hooks, namespace: again }))).toBe(
      "sync HooksFailed 1",
    );
  });
});

describe("drift", () => {
  it("is left alone when configure has run by hand since", () => {
    const hooks = { plan, configure: { exitCode: 0, finishedAt: times.muchLater } };

    expect(summary(factsWith({ correctDrift: true, hooks }))).toBe("nothing");
  });

  const plan = { exitCode: 10, finishedAt: times.operationEnded };

  it.each([
    [true, plan, "sync Drift 1"],
    [false, plan, "nothing"],
    [true, { ...plan, exitCode: 0 }, "nothing"],
    [true, { ...plan, exitCode: 3 }, "nothing"],
    // configure has run since
    [true, { ...plan, finishedAt: times.namespaceCreated }, "nothing"],
  ])("with correctDrift %s and the plan %j is answered by: %s", (correctDrift, found, expected) => {
    expect(summary(factsWith({ correctDrift, hooks: { plan: found } }))).toBe(expected);
  });
});
