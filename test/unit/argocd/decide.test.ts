import { describe, expect, it } from "vitest";
import { decide } from "../../../src/argocd/decide.ts";
import type { Facts } from "../../../src/argocd/facts.ts";
import { secret } from "../../../src/redact.ts";
import { absent, again, deleting, ended, factsWith, running, summary, times, withFailedHook } from "./facts.ts";

const operation = { sync: {} };
const backoffLimit = withFailedHook("vault-unseal", "Job has reached the specified backoff limit");
const healing = {
  finishedAt: times.muchLater,
  operation: { sync: { resources: [{ kind: "StatefulSet", name: "vault" }] } },
};

describe("decide", () => {
  it.each<[string, Facts, string]>([
    ["Vault is well", factsWith(), "nothing"],
    ["the sync failed", factsWith({ status: { operationState: ended("Failed") } }), "sync SyncFailed 1"],
    ["the sync ended with an error", factsWith({ status: { operationState: ended("Error") } }), "sync SyncFailed 1"],
    [
      "the sync of an Application without hooks failed",
      factsWith({ runsHooks: false, status: { operationState: ended("Failed") } }),
      "sync SyncFailed 1",
    ],
    ["a hook gave up", factsWith({ status: { operationState: ended("Failed", backoffLimit) } }), "sync HooksFailed 1"],
    ["no member is initialised", factsWith({ initialised: false }), "sync NotInitialized 1"],
    [
      "self-heal recreated the StatefulSet, and no member is initialised",
      factsWith({ initialised: false, status: { operationState: ended("Succeeded", healing) } }),
      "sync NotInitialized 1",
    ],
    [
      "the namespace was created again, and no hook has run in it",
      factsWith({ namespace: again }),
      "sync NamespaceDeleted 1",
    ],
    [
      "self-heal recreated all objects in the namespace that was created again",
      factsWith({ namespace: again, status: { operationState: ended("Succeeded", healing) } }),
      "sync NamespaceDeleted 1",
    ],
    ["nothing was ever synced", withoutStatus(factsWith({ namespace: again })), "nothing"],
    ["it is not known whether a member is initialised", factsWith({ initialised: undefined }), "nothing"],
    [
      "no member has been initialised for a few seconds only",
      factsWith({ initialised: false, unchangedMs: { initialised: 14_000 } }),
      "nothing",
    ],
    [
      "the Application without hooks is well and Vault is not initialised",
      factsWith({ runsHooks: false, initialised: false, namespace: again }),
      "nothing",
    ],
  ])("when %s", (_, facts, expected) => {
    expect(summary(facts)).toBe(expected);
  });

  it.each<[string, Facts, string]>([
    ["is being deleted", deletedApplication(), "nothing"],
    [
      "cannot be rendered",
      factsWith({
        initialised: false,
        status: { conditions: [{ type: "ComparisonError", message: "no such chart" }], operationState: ended("Error") },
      }),
      "nothing",
    ],
    ["has a requested operation that Argo CD has not seen", factsWith({ operation, namespace: again }), "wait"],
    [
      "has a requested operation that Argo CD has not seen, and no state",
      withoutStatus(factsWith({ operation, initialised: false })),
      "wait",
    ],
    [
      "runs an operation",
      factsWith({
        operation,
        initialised: false,
        status: { operationState: running("one or more tasks are running") },
      }),
      "wait",
    ],
    [
      "is ending an operation",
      factsWith({ operation, namespace: again, status: { operationState: running("", { phase: "Terminating" }) } }),
      "wait",
    ],
    ["deploys to a namespace that is being deleted", factsWith({ namespace: deleting, initialised: false }), "wait"],
    [
      "deploys to a namespace that does not exist",
      factsWith({ namespace: absent, status: { operationState: ended("Failed") } }),
      "wait",
    ],
  ])("does not request a sync of an Application that %s", (_, facts, expected) => {
    expect(summary(facts)).toBe(expected);
  });

  it("requests no sync of an Application that makes another namespace", () => {
    const resources = [
      { kind: "Namespace", name: "vault-custody" },
      { kind: "Service", name: "vault" },
    ];
    const spec = {
      destination: { namespace: "app" },
      syncPolicy: { automated: {}, syncOptions: ["CreateNamespace=true"] },
    };
    const facts = factsWith({ spec, namespace: absent, status: { resources, operationState: ended("Failed") } });

    expect(summary(facts)).toBe("wait");
  });

  it("requests a sync of the Application that makes the absent namespace", () => {
    const resources = [{ kind: "Namespace", name: "vault" }];
    const facts = factsWith({
      runsHooks: false,
      namespace: absent,
      status: { resources, operationState: ended("Failed") },
    });

    expect(summary(facts)).toBe("sync SyncFailed 1");
  });

  it.each([
    ["is absent", {}],
    ["says no", { automated: { enabled: false } }],
  ])("requests nothing, and says so, when automated sync %s", (_, syncPolicy) => {
    const spec = { syncPolicy };
    const hangs = { namespace: again, operation, status: { operationState: running("waiting for a hook") } };

    expect(decide(factsWith({ spec, initialised: false }))).toMatchObject({
      act: "paused",
      reason: "NotInitialized",
      why: expect.stringContaining("automated sync is disabled"),
    });
    expect(decide(factsWith({ spec, ...hangs }))).toMatchObject({ act: "paused", reason: "NamespaceDeleted" });
    expect(decide(factsWith({ spec }))).toMatchObject({ act: "nothing" });
  });
});

function withoutStatus(facts: Facts): Facts {
  const { status: _, ...application } = facts.application;
  return { ...facts, application };
}

function deletedApplication(): Facts {
  const facts = factsWith({ initialised: false });
  return {
    ...facts,
    application: { ...facts.application, metadata: { resourceVersion: "1", deletionTimestamp: times.synced } },
  };
}

describe("a secret that is an ordinary word", () => {
  const quotes = "the cluster said ordinary";
  const operationState = { ...ended("Failed"), message: quotes };

  it.each<[string, Facts]>([
    ["of a sync that failed", factsWith({ status: { operationState } })],
    ["of a hook", factsWith({ status: { operationState: ended("Failed", withFailedHook("vault-init", quotes)) } })],
    ["of a running operation", factsWith({ operation, status: { operationState: running(quotes) } })],
    [
      "of a condition",
      factsWith({ status: { conditions: [{ type: "ComparisonError", message: quotes }], operationState } }),
    ],
    [
      "of an operation without its namespace",
      factsWith({ operation, namespace: absent, status: { operationState: running(quotes) } }),
    ],
    [
      "of an operation without its StatefulSet",
      factsWith({
        operation,
        statefulSet: { name: "vault", exists: false },
        status: { operationState: running("waiting for healthy state of apps/StatefulSet/vault, ordinary") },
      }),
    ],
  ])("is redacted in Argo CD's words %s", (_, facts) => {
    secret("ordinary");

    expect(decide(facts).why).toMatch(/\[redacted\]"?$/);
  });
});
