import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { definitionKey } from "./definition-cases.ts";
import { foreignApplications, notAssessed } from "./foreign-applications.ts";
import { statefulSetKey } from "./stateful-set-cases.ts";

const key = "resource.customizations.health.argoproj.io_Application";

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

const annotated = (value: string) => ({ annotations: { "vault-hooks.dev/health": value } });
const syncPolicy = { automated: { prune: true, selfHeal: true } };

/** A child with two sources after a successful sync. Each test changes some fields. */
function twoSources({ metadata, spec, sync, op, result, conditions, health }: Parts = {}) {
  return {
    metadata: { name: "vault", ...annotated("hooks"), ...metadata },
    spec: { sources: [chart, git], syncPolicy, ...spec },
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
function oneSource({ metadata, spec, sync, op, result, health }: Parts = {}) {
  return {
    metadata: { name: "vault", ...annotated("hooks"), ...metadata },
    spec: { source: git, syncPolicy, ...spec },
    status: {
      health: { status: "Healthy", ...health },
      sync: { status: "Synced", revision: "abc", comparedTo: { source: git }, ...sync },
      operationState: { phase: "Succeeded", ...op, syncResult: { source: git, revision: "abc", ...result } },
    },
  };
}

describe("a child Application holds its wave", () => {
  test.each([
    ["before its first reconciliation", { ...oneSource(), status: undefined }],
    ["whose status is empty", { ...oneSource(), status: {} }],
    ["whose fields of the status are empty", { ...oneSource(), status: { sync: {}, health: {}, conditions: [] } }],
    [
      "before its first sync",
      { ...oneSource(), status: { sync: { status: "OutOfSync" }, health: { status: "Missing" } } },
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

/** How Argo CD's manual says to leave a field out, and what its API server makes of it. */
const emptyForms: readonly (readonly [string, object])[] = [
  ["no value files and no parameters", { helm: { valueFiles: [], parameters: [] } }],
  ["CRDs that are not skipped", { helm: { skipCrds: false, values: "" } }],
  ["a folder that is not recursed, with its defaults", { directory: { recurse: false, jsonnet: {} } }],
  ["no kustomize options", { kustomize: { images: [], commonLabels: {} } }],
  ["an empty chart, reference and name", { chart: "", ref: "", name: "" }],
  ["values that are an empty object", { helm: { valuesObject: {} } }],
];

describe("a child Application with explicit empty fields, which Argo CD drops where it keeps its results", () => {
  test.each(emptyForms)("lets its wave pass: %s", async (_form, fields) => {
    const written = { ...git, ...fields };

    expect(await runHealth(script, oneSource({ spec: { source: written } }))).toMatchObject({ status: "Healthy" });
    expect(await runHealth(script, twoSources({ spec: { sources: [chart, written] } }))).toMatchObject({
      status: "Healthy",
    });
  });

  test("lets its wave pass: an empty list of sources, a null operation and a null hydrator", async () => {
    const nulls = { sources: [], sourceHydrator: null };
    const application = { ...oneSource({ spec: nulls, result: { sources: [], revisions: [] } }), operation: null };

    expect(await runHealth(script, application)).toMatchObject({ status: "Healthy" });
  });

  test.each([
    ["a value of the chart", { helm: { valuesObject: { affinity: "" } } }],
    ["a label for all objects", { kustomize: { commonLabels: { tier: "" } } }],
  ])("holds its wave when %s became empty, which is a change", async (_what, fields) => {
    const before = { ...git, ...fields };
    const after = JSON.parse(JSON.stringify(before).replace(/"(affinity|tier)":""/, ""));

    const application = oneSource({
      spec: { source: after },
      sync: { comparedTo: { source: before } },
      result: { source: before },
    });

    expect(await runHealth(script, application)).toMatchObject({ status: "Progressing" });
  });
});

describe("a child Application that is hydrated", () => {
  const sourceHydrator = {
    drySource: { repoURL: git.repoURL, path: "charts/x", targetRevision: "main" },
    syncSource: { path: "x", targetBranch: "env/prod" },
  };
  const source = { repoURL: git.repoURL, path: "x", targetRevision: "env/prod" };
  const done = { phase: "Hydrated", sourceHydrator, drySHA: "1", hydratedSHA: "abc" };

  function hydrated(currentOperation?: object, parts: Parts = {}) {
    const base = oneSource({
      ...parts,
      spec: { source: undefined, sourceHydrator, ...parts.spec },
      sync: { comparedTo: { source }, ...parts.sync },
      result: { source, ...parts.result },
    });
    return { ...base, status: { ...base.status, sourceHydrator: { currentOperation } } };
  }

  test.each([
    ["when the branch is synced", hydrated(done)],
    ["when this Argo CD has no hydrator", hydrated()],
    ["when a source is left that Argo CD ignores", hydrated(done, { spec: { source: git } })],
  ])("lets its wave pass %s", async (_when, application) => {
    expect(await runHealth(script, application)).toMatchObject({ status: "Healthy" });
  });

  const moved = { ...sourceHydrator, drySource: { ...sourceHydrator.drySource, path: "charts/y" } };
  const otherBranch = { ...sourceHydrator, syncSource: { path: "x", targetBranch: "env/test" } };
  test.each([
    ["while it is hydrated for the first time", hydrated({ ...done, phase: "Hydrating" })],
    ["while its new dry source is not yet hydrated", hydrated(done, { spec: { sourceHydrator: moved } })],
    [
      "while its new branch is not yet compared",
      hydrated({ ...done, sourceHydrator: otherBranch }, { spec: { sourceHydrator: otherBranch } }),
    ],
    ["while its branch is out of sync", hydrated(done, { sync: { status: "OutOfSync" } })],
  ])("holds its wave %s", async (_when, application) => {
    expect(await runHealth(script, application)).toMatchObject({ status: "Progressing" });
  });

  test("fails its wave when it cannot be hydrated, with the reason", async () => {
    expect(await runHealth(script, hydrated({ ...done, phase: "Failed", message: "no such path" }))).toEqual({
      status: "Degraded",
      message: "not hydrated: no such path",
    });
  });
});

describe("a child Application that is synced by hand holds no wave, since only a person could end the wait", () => {
  const byHand = [undefined, null, { automated: null }, {}, { automated: { enabled: false, prune: true } }];
  const states: readonly Parts[] = [
    {},
    { sync: { status: "OutOfSync" }, health: { status: "Missing" } },
    { op: { phase: "Running", message: "waiting for pod", retryCount: 5 } },
    { op: { phase: "Failed", message: "denied" } },
    { health: { status: "Degraded" } },
  ];

  test.each(byHand)("with this syncPolicy: %j", async (policy) => {
    for (const state of states) {
      const application = oneSource({ ...state, spec: { syncPolicy: policy } });
      const own = (state.health as { status: string } | undefined)?.status ?? "Healthy";

      expect(await runHealth(script, application)).toEqual({
        status: "Healthy",
        message: `synced by hand; its own health is ${own}`,
      });
    }
    const unsynced = { ...oneSource({ spec: { syncPolicy: policy } }), status: {} };
    expect(await runHealth(script, unsynced)).toMatchObject({ status: "Healthy" });
  });

  test("but does hold it when automated sync has no options", async () => {
    const spec = { syncPolicy: { automated: {} } };

    expect(await runHealth(script, oneSource({ spec, op: { phase: "Running" } }))).toMatchObject({
      status: "Progressing",
    });
  });
});

describe("a child Application whose automated sync leaves a difference alone", () => {
  test.each([
    ["without selfHeal", { prune: true }],
    ["without prune", { selfHeal: true }],
    ["without both", {}],
  ])("lets its wave pass by its own health, %s", async (_which, automated) => {
    const left: Parts = { spec: { syncPolicy: { automated } }, sync: { status: "OutOfSync" } };

    expect(await runHealth(script, oneSource(left))).toMatchObject({ status: "Healthy" });
    expect(await runHealth(script, oneSource({ ...left, health: { status: "Degraded" } }))).toMatchObject({
      status: "Degraded",
    });
    const newer = { ...left, sync: { status: "OutOfSync", revision: "def" } };
    expect(await runHealth(script, oneSource(newer))).toMatchObject({ status: "Progressing" });
  });
});

describe("a child Application that counts once it is synced", () => {
  const metadata = annotated("synced");

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

  test("holds its wave until it is synced", async () => {
    const running = twoSources({ metadata, op: { phase: "Running" } });

    expect(await runHealth(script, running)).toMatchObject({ status: "Progressing" });
  });
});

describe("an Application of somebody else holds no wave, as without our settings", () => {
  test.each(foreignApplications)("%s", async (_form, application) => {
    expect(await runHealth(script, application)).toEqual(notAssessed);
  });

  test.each([
    ["another value of the annotation", { "vault-hooks.dev/health": "quorum" }],
    ["the annotation of an earlier version", { "vault-hooks.dev/never-blocks": "true" }],
    ["no annotations", undefined],
  ])("with %s", async (_which, annotations) => {
    const application = twoSources({ metadata: { annotations }, op: { phase: "Failed" } });

    expect(await runHealth(script, application)).toEqual(notAssessed);
  });

  test("with the annotation as a label", async () => {
    const metadata = { annotations: undefined, labels: { "vault-hooks.dev/health": "hooks" } };

    expect(await runHealth(script, twoSources({ metadata, op: { phase: "Failed" } }))).toEqual(notAssessed);
  });
});

test("Argo CD finds its settings by their label, and they outlive the root", () => {
  expect(settings.metadata).toMatchObject({
    namespace: "argocd",
    labels: { "app.kubernetes.io/part-of": "argocd" },
    annotations: { "argocd.argoproj.io/sync-options": "ServerSideApply=true,Prune=false,Delete=false" },
  });
  expect(Object.keys(settings["data"] as object)).toEqual([definitionKey, statefulSetKey, key, healthKey]);
});
