import type { Health } from "../helpers/health.ts";

/** What our script reports for an Application without the annotation. A wave passes, and the parent's health stays as it is. */
export const notAssessed: Health = { status: "Healthy", message: "not assessed: no wave waits for it" };

const repoURL = "https://git.test/other.git";
const source = { repoURL, path: "x", targetRevision: "main" };
const sourceHydrator = {
  drySource: { repoURL, path: "charts/x", targetRevision: "main" },
  syncSource: { path: "x", targetBranch: "env/prod" },
};
const automated = { automated: { prune: true, selfHeal: true } };

function application(spec: object, status?: object, others: object = {}): object {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "other", namespace: "argocd", annotations: { "argocd.argoproj.io/sync-wave": "1" } },
    spec: { project: "default", destination: { server: "https://kubernetes.default.svc", namespace: "x" }, ...spec },
    ...(status && { status }),
    ...others,
  };
}

/** Applications of another team in the forms that a health script can take for unfinished, and so for a reason to wait. */
export const foreignApplications: readonly (readonly [form: string, application: object])[] = [
  ["that is new", application({ source, syncPolicy: automated })],
  ["whose status is empty", application({ source, syncPolicy: automated }, {}, { operation: null })],
  ["that is synced by hand, and never was", application({ source }, { sync: { status: "OutOfSync" } })],
  [
    "that is synced by hand, and out of sync",
    application(
      { source },
      {
        sync: { status: "OutOfSync", revision: "b", comparedTo: { source } },
        health: { status: "Missing" },
        operationState: { phase: "Succeeded", syncResult: { source, revision: "a" } },
      },
    ),
  ],
  [
    "that is hydrated",
    application({ sourceHydrator, syncPolicy: automated }, { sync: { status: "Synced", comparedTo: { source } } }),
  ],
  [
    "with explicit empty fields",
    application({
      source: { ...source, directory: { recurse: true }, helm: { valueFiles: [], skipCrds: false } },
      sources: [],
      syncPolicy: { ...automated, syncOptions: [] },
    }),
  ],
  ["whose operation runs", application({ source }, { operationState: { phase: "Running", retryCount: 3 } })],
  ["whose sync failed", application({ source }, { operationState: { phase: "Failed", message: "denied" } })],
  ["that does not render", application({ source }, { conditions: [{ type: "ComparisonError", message: "no" }] })],
  ["that is Degraded", application({ source }, { health: { status: "Degraded" }, sync: { status: "Synced" } })],
];
