import type { Health } from "../helpers/health.ts";

/** The key of argocd-cm with our definition. */
export const applicationKey = "resource.customizations.health.argoproj.io_Application";

/** The title says what the Application is, after "is Progressing" and so on. */
type Case = readonly [title: string, application: object, expected: Partial<Health>];
type Titled = readonly [title: string, application: object];

const chart = {
  repoURL: "https://charts.test",
  chart: "vault",
  targetRevision: "1",
  helm: { valuesObject: { affinity: "" } },
};
const git = { repoURL: "https://git.test/x.git", path: "hooks", targetRevision: "main" };
const newChart = { ...chart, helm: { valuesObject: { affinity: "x" } } };
const broken = { name: "vault-init", hookType: "PostSync", hookPhase: "Failed", message: "Job has failed" };

type Parts = {
  metadata?: object;
  spec?: object;
  sync?: object;
  op?: object;
  result?: object;
  conditions?: object[];
  health?: object;
};

const kind = { apiVersion: "argoproj.io/v1alpha1", kind: "Application" };
export const annotated = (value: string) => ({ annotations: { "vault-hooks.dev/health": value } });
const syncPolicy = { automated: { prune: true, selfHeal: true } };

/** A child with two sources after a successful sync. Each test changes some fields. */
export function twoSources({ metadata, spec, sync, op, result, conditions, health }: Parts = {}) {
  return {
    ...kind,
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
    ...kind,
    metadata: { name: "vault", ...annotated("hooks"), ...metadata },
    spec: { source: git, syncPolicy, ...spec },
    status: {
      health: { status: "Healthy", ...health },
      sync: { status: "Synced", revision: "abc", comparedTo: { source: git }, ...sync },
      operationState: { phase: "Succeeded", ...op, syncResult: { source: git, revision: "abc", ...result } },
    },
  };
}

const holdingWaves: readonly Titled[] = [
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
];

const failingWaves: readonly (readonly [title: string, application: object, message: string])[] = [
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
    "when its sync was terminated while a hook ran, even after an unrelated commit",
    twoSources({
      sync: { revisions: ["1", "def"] },
      op: { phase: "Failed", message: "Operation terminated" },
      result: { resources: [{ ...broken, message: "Terminated" }] },
    }),
    "hook vault-init failed: Terminated",
  ],
  [
    "when an ordinary object of its sync is missing, which is not a failed hook",
    twoSources({
      op: { phase: "Failed", message: "one or more objects failed" },
      result: { resources: [{ name: "vault", hookPhase: "Error", message: "it is missing" }] },
    }),
    "one or more objects failed",
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
];

const passingWaves: readonly Titled[] = [
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
];

/** How Argo CD's manual says to leave a field out, and what its API server makes of it. */
const emptyForms: readonly (readonly [string, object])[] = [
  ["no value files and no parameters", { helm: { valueFiles: [], parameters: [] } }],
  ["CRDs that are not skipped", { helm: { skipCrds: false, values: "" } }],
  ["a folder that is not recursed, with its defaults", { directory: { recurse: false, jsonnet: {} } }],
  ["no kustomize options", { kustomize: { images: [], commonLabels: {} } }],
  ["an empty chart, reference and name", { chart: "", ref: "", name: "" }],
  ["values that are an empty object", { helm: { valuesObject: {} } }],
];

const nulls = { sources: [], sourceHydrator: null };

const withEmptyFields: readonly Titled[] = [
  ...emptyForms.flatMap(([form, fields]): Titled[] => {
    const written = { ...git, ...fields };
    return [
      [`with ${form}`, oneSource({ spec: { source: written } })],
      [`with ${form} in one of two sources`, twoSources({ spec: { sources: [chart, written] } })],
    ];
  }),
  [
    "with an empty list of sources, a null operation and a null hydrator",
    { ...oneSource({ spec: nulls, result: { sources: [], revisions: [] } }), operation: null },
  ],
];

/** An empty value became absent: the new specification differs from the one that was compared. */
const changedEmptyFields: readonly Titled[] = [
  becameAbsent("a chart's value", { helm: { valuesObject: { affinity: "" } } }, { helm: { valuesObject: {} } }),
  becameAbsent("a common label", { kustomize: { commonLabels: { tier: "" } } }, { kustomize: { commonLabels: {} } }),
];

function becameAbsent(what: string, before: object, after: object): Titled {
  const [old, source] = [
    { ...git, ...before },
    { ...git, ...after },
  ];
  return [
    `whose new specification leaves out ${what} that was empty`,
    oneSource({ spec: { source }, sync: { comparedTo: { source: old } }, result: { source: old } }),
  ];
}

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

const moved = { ...sourceHydrator, drySource: { ...sourceHydrator.drySource, path: "charts/y" } };
const otherBranch = { ...sourceHydrator, syncSource: { path: "x", targetBranch: "env/test" } };

const elsewhere = {
  ...sourceHydrator,
  syncSource: { ...sourceHydrator.syncSource, repoURL: "https://git.test/out.git" },
};
const fromElsewhere = { ...source, repoURL: "https://git.test/out.git" };
const hydratedElsewhere = hydrated(
  { ...done, sourceHydrator: elsewhere },
  {
    spec: { sourceHydrator: elsewhere },
    sync: { comparedTo: { source: fromElsewhere } },
    result: { source: fromElsewhere },
  },
);

const hydratedPassing: readonly Titled[] = [
  ["when the branch is synced", hydrated(done)],
  ["when this Argo CD has no hydrator", hydrated()],
  ["when its hydrated branch is in a separate repository", hydratedElsewhere],
  ["when a source is left that Argo CD ignores", hydrated(done, { spec: { source: git } })],
];

const hydratedHolding: readonly Titled[] = [
  ["while it is hydrated for the first time", hydrated({ ...done, phase: "Hydrating" })],
  ["while its new dry source is not yet hydrated", hydrated(done, { spec: { sourceHydrator: moved } })],
  [
    "while its new branch is not yet compared",
    hydrated({ ...done, sourceHydrator: otherBranch }, { spec: { sourceHydrator: otherBranch } }),
  ],
  ["while its branch is out of sync", hydrated(done, { sync: { status: "OutOfSync" } })],
];

const byHandPolicies = [undefined, null, { automated: null }, {}, { automated: { enabled: false, prune: true } }];
const byHandStates: readonly Parts[] = [
  {},
  { sync: { status: "OutOfSync" }, health: { status: "Missing" } },
  { op: { phase: "Running", message: "waiting for pod", retryCount: 5 } },
  { op: { phase: "Failed", message: "denied" } },
  { health: { status: "Degraded" } },
];

/** Only a person could end the wait for these. */
const byHand: readonly Case[] = byHandPolicies.flatMap((syncPolicy): Case[] => {
  const policy = `synced by hand (syncPolicy ${JSON.stringify(syncPolicy)})`;
  return [
    ...byHandStates.map((state): Case => {
      const own = (state.health as { status: string } | undefined)?.status ?? "Healthy";
      const health = { status: "Healthy", message: `synced by hand; its own health is ${own}` };
      return [`${policy}, ${JSON.stringify(state)}`, oneSource({ ...state, spec: { syncPolicy } }), health];
    }),
    [`${policy}, never synced`, { ...oneSource({ spec: { syncPolicy } }), status: {} }, { status: "Healthy" }],
  ];
});

/** Their automated sync repairs no drift or removes nothing, so nothing would end the wait. */
const differenceLeft: readonly Case[] = [{ prune: true }, { selfHeal: true }, {}].flatMap((automated): Case[] => {
  const left: Parts = { spec: { syncPolicy: { automated } }, sync: { status: "OutOfSync" } };
  const newer: Parts = { ...left, sync: { status: "OutOfSync", revision: "def" } };
  const which = `out of sync at its newest revision, with automated sync ${JSON.stringify(automated)}`;
  return [
    [which, oneSource(left), { status: "Healthy" }],
    [`${which}, and Degraded`, oneSource({ ...left, health: { status: "Degraded" } }), { status: "Degraded" }],
    [`${which}, and a newer one is there`, oneSource(newer), { status: "Progressing" }],
  ];
});

const onceSynced: readonly Case[] = [
  ...["Degraded", "Progressing", "Missing", "Healthy", undefined].map(
    (status): Case => [
      `counted once synced, and its own health is ${status}`,
      twoSources({ metadata: annotated("synced"), health: { status } }),
      { status: "Healthy", message: `synced; its own health is ${status ?? "not known yet"}` },
    ],
  ),
  [
    "counted once synced, and its sync failed",
    twoSources({ metadata: annotated("synced"), op: { phase: "Failed", message: "denied" } }),
    { status: "Degraded", message: "denied" },
  ],
  [
    "counted once synced, and its sync runs",
    twoSources({ metadata: annotated("synced"), op: { phase: "Running" } }),
    { status: "Progressing" },
  ],
];

/** Our Applications, with the health that a wave of their parent sees. */
export const ownApplications: readonly Case[] = [
  ...[...holdingWaves, ...changedEmptyFields, ...prefixed("hydrated", hydratedHolding)].map(
    ([title, application]): Case => [title, application, { status: "Progressing" }],
  ),
  ...failingWaves.map(([title, application, message]): Case => [title, application, { status: "Degraded", message }]),
  ...[...passingWaves, ...withEmptyFields, ...prefixed("hydrated", hydratedPassing)].map(
    ([title, application]): Case => [title, application, { status: "Healthy" }],
  ),
  [
    "hydrated, when it cannot be, with the reason",
    hydrated({ ...done, phase: "Failed", message: "no such path" }),
    { status: "Degraded", message: "not hydrated: no such path" },
  ],
  [
    "synced automatically without options, and its sync runs",
    oneSource({ spec: { syncPolicy: { automated: {} } }, op: { phase: "Running" } }),
    { status: "Progressing" },
  ],
  ...byHand,
  ...differenceLeft,
  ...onceSynced,
];

function prefixed(prefix: string, cases: readonly Titled[]): Titled[] {
  return cases.map(([title, application]) => [`${prefix}, ${title}`, application]);
}
