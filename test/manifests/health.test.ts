import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { statefulSetKey } from "./stateful-set-cases.ts";

const key = "resource.customizations.health.argoproj.io_Application";
const definitionKey = "resource.customizations.health.apiextensions.k8s.io_CustomResourceDefinition";
const healthKey = "resource.customizations.health.vault-hooks.dev_VaultHealth";
let script: string;
let settings: Manifest;

beforeAll(async () => {
  settings = only(await render("apps"), "ConfigMap", "argocd-cm");
  const data = settings["data"] as Record<string, string>;
  script = data[key] ?? "";
}, 900_000);

const chart = {
  repoURL: "https://charts.test",
  chart: "vault",
  targetRevision: "1",
  helm: { valuesObject: { affinity: "" } },
};
const git = { repoURL: "https://git.test/x.git", path: "hooks", targetRevision: "main" };
const newChart = { ...chart, helm: { valuesObject: { affinity: "x" } } };
const broken = { name: "vault-init", hookPhase: "Failed", message: "Job has failed" };

type Parts = {
  metadata?: object;
  spec?: object;
  sync?: object;
  op?: object;
  result?: object;
  conditions?: object[];
  health?: object;
};

/** A child with two sources after a successful sync. Each test changes some fields. */
function twoSources({ metadata, spec, sync, op, result, conditions, health }: Parts = {}) {
  return {
    metadata: { name: "vault", ...metadata },
    spec: { sources: [chart, git], ...spec },
    status: {
      conditions,
      health: { status: "Healthy", ...health },
      // Argo CD writes an empty `source` and `revision` beside the lists, but not in every place
      sync: {
        status: "Synced",
        revisions: ["1", "abc"],
        comparedTo: { source: { repoURL: "" }, sources: [chart, git] },
        ...sync,
      },
      operationState: {
        phase: "Succeeded",
        message: "successfully synced",
        ...op,
        syncResult: {
          source: { repoURL: "" },
          revision: "",
          sources: [chart, git],
          revisions: ["1", "abc"],
          ...result,
        },
      },
    },
  };
}

/** A child with one source after a successful sync. */
function oneSource({ spec, sync, op, result }: Parts = {}) {
  return {
    spec: { source: git, ...spec },
    status: {
      health: { status: "Healthy" },
      sync: { status: "Synced", revision: "abc", comparedTo: { source: git }, ...sync },
      operationState: { phase: "Succeeded", ...op, syncResult: { source: git, revision: "abc", ...result } },
    },
  };
}

describe("a child Application holds its wave", () => {
  test.each([
    ["before its first reconciliation", {}],
    [
      "before its first sync",
      { spec: { source: git }, status: { sync: { status: "OutOfSync" }, health: { status: "Missing" } } },
    ],
    [
      "while its hooks run, though all its objects are Healthy",
      twoSources({ op: { phase: "Running", message: "waiting for hook" } }),
    ],
    ["while it runs a first retry", twoSources({ op: { phase: "Running", retryCount: 1 } })],
    ["while its sync is being terminated", twoSources({ op: { phase: "Terminating" } })],
    ["while its new chart values are not yet compared", twoSources({ spec: { sources: [newChart, git] } })],
    ["while its new single source is not yet compared", oneSource({ spec: { source: { ...git, path: "other" } } })],
    [
      "when the old operation failed, and the new values are compared but not synced",
      twoSources({
        spec: { sources: [newChart, git] },
        sync: { status: "OutOfSync", comparedTo: { sources: [newChart, git] } },
        op: { phase: "Failed" },
      }),
    ],
    [
      "when the old operation still retries, but for an older revision",
      twoSources({ sync: { revisions: ["1", "def"] }, op: { phase: "Running", retryCount: 5 } }),
    ],
    ["while it is out of sync", twoSources({ sync: { status: "OutOfSync" } })],
    ["while its objects are not Healthy", twoSources({ health: { status: "Progressing" } })],
  ])("%s", async (_when, application) => {
    expect(await runHealth(script, application)).toMatchObject({ status: "Progressing" });
  });
});

describe("a child Application fails its wave", () => {
  test.each([
    [
      "when its values do not render",
      twoSources({
        conditions: [{ type: "SharedResourceWarning" }, { type: "ComparisonError", message: "cannot render" }],
      }),
      "cannot render",
    ],
    [
      "when its chart's version does not exist",
      twoSources({ conditions: [{ type: "InvalidSpecError", message: "no such version" }] }),
      "no such version",
    ],
    [
      "when it retries for the second time, so that the root's sync ends and sees the repairing commit",
      twoSources({ op: { phase: "Running", retryCount: 2, message: "one or more objects failed" } }),
      "retrying: one or more objects failed",
    ],
    [
      "when a hook failed",
      twoSources({ op: { phase: "Failed" }, result: { resources: [{ name: "vault", kind: "StatefulSet" }, broken] } }),
      "hook vault-init failed: Job has failed",
    ],
    [
      "when a hook failed, even after an unrelated commit to the same repository",
      twoSources({ sync: { revisions: ["1", "def"] }, op: { phase: "Failed" }, result: { resources: [broken] } }),
      "hook vault-init failed: Job has failed",
    ],
    [
      "when a hook could not be created",
      twoSources({ op: { phase: "Error" }, result: { resources: [{ ...broken, hookPhase: "Error" }] } }),
      "hook vault-init failed: Job has failed",
    ],
    [
      "when its sync of the current revision failed, although it is Synced",
      twoSources({ op: { phase: "Failed", message: "timed out" } }),
      "timed out",
    ],
    ["when its sync of a single source failed", oneSource({ op: { phase: "Failed", message: "denied" } }), "denied"],
    ["when its objects are Degraded", twoSources({ health: { status: "Degraded", message: "pod" } }), "pod"],
  ])("%s", async (_when, application, message) => {
    expect(await runHealth(script, application)).toEqual({ status: "Degraded", message });
  });
});

describe("a child Application lets its wave pass", () => {
  test.each([
    ["when its sync and its hooks have succeeded", twoSources()],
    ["when it has one source", oneSource()],
    [
      "when an old failure belongs to another revision, and it has been Synced since",
      twoSources({ sync: { revisions: ["1", "def"] }, op: { phase: "Failed" } }),
    ],
    [
      "when a hook failed at first, but a retry of the operation succeeded",
      twoSources({ result: { resources: [broken] } }),
    ],
    ["when it only has a warning", twoSources({ conditions: [{ type: "OrphanedResourceWarning", message: "x" }] })],
  ])("%s", async (_when, application) => {
    expect(await runHealth(script, application)).toMatchObject({ status: "Healthy" });
  });
});

describe("a child Application that never blocks", () => {
  const metadata = { annotations: { "vault-hooks.dev/never-blocks": "true" } };

  test.each(["Degraded", "Progressing", "Missing", "Healthy", undefined])(
    "lets its wave pass while its own health is %s",
    async (status) => {
      expect(await runHealth(script, twoSources({ metadata, health: { status } }))).toEqual({
        status: "Healthy",
        message: `synced; its own health is ${status ?? "not known yet"}`,
      });
    },
  );

  test("fails its wave when its sync failed", async () => {
    const failed = twoSources({ metadata, op: { phase: "Failed", message: "denied" } });

    expect(await runHealth(script, failed)).toEqual({ status: "Degraded", message: "denied" });
  });

  test.each([{ "vault-hooks.dev/never-blocks": "false" }, {}])(
    "has the annotation with the value true: %j",
    async (annotations) => {
      const degraded = twoSources({ metadata: { annotations }, health: { status: "Degraded" } });

      expect(await runHealth(script, degraded)).toMatchObject({ status: "Degraded" });
    },
  );
});

test("Argo CD finds its settings by their label, and they outlive the root", () => {
  expect(settings.metadata).toMatchObject({
    namespace: "argocd",
    labels: { "app.kubernetes.io/part-of": "argocd" },
    annotations: { "argocd.argoproj.io/sync-options": "ServerSideApply=true,Prune=false,Delete=false" },
  });
  expect(Object.keys(settings["data"] as object)).toEqual([definitionKey, statefulSetKey, key, healthKey]);
});
