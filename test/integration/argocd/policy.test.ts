import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationOf } from "../../../src/argocd/application.ts";
import { reasons, syncPatch, terminatePatch } from "../../../src/argocd/operation.ts";
import { type Fixture, spec, startFixture, syncedStatus, watcher } from "./fixture.ts";

let fixture: Fixture;
const running = { ...syncedStatus.operationState, phase: "Running", finishedAt: undefined };

beforeAll(async () => {
  fixture = await startFixture((server) => server.apply(anything));
  const runningParts = { operation: { sync: {} }, status: { ...syncedStatus, operationState: running } };
  await fixture.put("root", runningParts);
});
afterAll(() => fixture?.server.close());

/** The account may do more here than hooks/watch/argocd allows, so that only the policy stands against an attack. */
const anything = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: anything }
rules: [{ apiGroups: [argoproj.io], resources: ["*"], verbs: ["*"] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: anything }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: anything }
subjects:
  - { kind: ServiceAccount, name: vault-hooks-watch, namespace: vault-watch }
  - { kind: ServiceAccount, name: other, namespace: vault-watch }
`;

const info = [
  { name: "reason", value: "SyncFailed" },
  { name: "attempt", value: "1" },
];
const syncOptions = spec.syncPolicy.syncOptions;
/** The operation that the watcher requests. */
const good = { initiatedBy: { username: "vault-hooks", automated: true }, info, sync: { syncOptions } };
const withSync = (more: object) => ({ operation: { ...good, sync: { ...good.sync, ...more } } });
const withMore = (more: object) => ({ operation: { ...good, ...more } });

const onlyFullSync =
  "the watcher may only request a full sync of what the Application's spec says, without any override";
const onlyOptions = "the watcher may only request a sync with the syncOptions of the Application's spec";
const onlyOwnName = "the watcher may only request a sync in its own name, with a reason and the number of the attempt";
const notSpec = "the watcher may not change the spec of an Application, or remove its operation";
const notMetadata = "the watcher may not change labels, annotations, finalizers or owners of an Application";
const notStatus = "the watcher may not change the status of an Application";
const notRequested = "the watcher may not change an operation that was requested already";
const onlyPhase = "the watcher may only change the phase of an operation, from Running to Terminating";
const onlyUpdate = "the watcher may only update Applications";

const evil = { repoURL: "https://evil.example/repo.git", path: "." };

describe("the policy for the watcher's account", () => {
  it.each<[string, object, string]>([
    ["spec.sources", { spec: { sources: [evil] } }, notSpec],
    ["spec.project", { spec: { project: "default" } }, notSpec],
    ["spec.destination", { spec: { destination: { namespace: "kube-system" } } }, notSpec],
    ["spec.syncPolicy", { spec: { syncPolicy: { syncOptions: null } } }, notSpec],
    ["a requested sync together with spec", { ...withSync({}), spec: { sources: [evil] } }, notSpec],
    ["a label", { metadata: { labels: { a: "b" } } }, notMetadata],
    ["an annotation", { metadata: { annotations: { "argocd.argoproj.io/refresh": "hard" } } }, notMetadata],
    ["a finalizer", { metadata: { finalizers: ["resources-finalizer.argocd.argoproj.io"] } }, notMetadata],
    [
      "an owner",
      { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "b" }] } },
      notMetadata,
    ],
    ["operation.sync.source", withSync({ source: evil }), onlyFullSync],
    ["operation.sync.sources", withSync({ sources: [evil] }), onlyFullSync],
    ["operation.sync.manifests", withSync({ manifests: ["apiVersion: v1"] }), onlyFullSync],
    ["operation.sync.revision", withSync({ revision: "attack" }), onlyFullSync],
    ["operation.sync.revisions", withSync({ revisions: ["0.34.1", "attack"] }), onlyFullSync],
    ["operation.sync.resources", withSync({ resources: [{ kind: "Service", name: "vault" }] }), onlyFullSync],
    ["operation.sync.prune", withSync({ prune: true }), onlyFullSync],
    ["operation.sync.dryRun", withSync({ dryRun: true }), onlyFullSync],
    ["operation.sync.syncStrategy", withSync({ syncStrategy: { hook: { force: true } } }), onlyFullSync],
    ["operation.sync.autoHealAttemptsCount", withSync({ autoHealAttemptsCount: 9 }), onlyFullSync],
    ["operation.retry", withMore({ retry: { limit: -1 } }), onlyFullSync],
    ["an operation without a sync", { operation: { initiatedBy: good.initiatedBy, info } }, onlyFullSync],
    ["more syncOptions", withSync({ syncOptions: [...syncOptions, "Replace=true"] }), onlyOptions],
    ["no syncOptions", withSync({ syncOptions: null }), onlyOptions],
    ["another name", withMore({ initiatedBy: { username: "admin", automated: true } }), onlyOwnName],
    ["a sync that ignores sync windows", withMore({ initiatedBy: { username: "vault-hooks" } }), onlyOwnName],
    ["no name", withMore({ initiatedBy: null }), onlyOwnName],
    ["no reason", withMore({ info: null }), onlyOwnName],
    ["a link as the reason", withMore({ info: [{ ...info[0], value: "https://evil.example" }, info[1]] }), onlyOwnName],
    ["a word as the attempt", withMore({ info: [info[0], { ...info[1], value: "x" }] }), onlyOwnName],
    ["more information", withMore({ info: [...info, { name: "a", value: "b" }] }), onlyOwnName],
    ["status.sync", { status: { sync: { status: "OutOfSync" } } }, notStatus],
    ["status.history", { status: { history: null } }, notStatus],
    ["a new field of status", { status: { summary: { images: ["evil"] } } }, notStatus],
    [
      "a requested sync together with status",
      { ...withSync({}), status: { health: { status: "Degraded" } } },
      notStatus,
    ],
    ["the phase of an ended operation", { status: { operationState: { phase: "Failed" } } }, onlyPhase],
    ["an ended operation to Terminating", terminatePatch, onlyPhase],
    ["the state of the last operation without a request", { status: { operationState: null } }, onlyPhase],
    ["a requested sync with a state", { ...withSync({}), status: { operationState: { phase: "Running" } } }, onlyPhase],
  ])("refuses a change of %s", async (_, patch, message) => {
    expect(await fixture.tryPatch("vault", patch)).toContain(`denied request: ${message}`);
  });

  it.each<[string, object, string]>([
    ["a second sync", { operation: { sync: { revision: "attack" } } }, notRequested],
    ["a removed operation", { operation: null }, notSpec],
    ["a phase other than Terminating", { status: { operationState: { phase: "Succeeded" } } }, onlyPhase],
    ["Terminating with a message", { status: { operationState: { phase: "Terminating", message: "x" } } }, onlyPhase],
    [
      "Terminating with a source",
      { status: { operationState: { phase: "Terminating", operation: { sync: { source: evil } } } } },
      onlyPhase,
    ],
    [
      "Terminating without the result",
      { status: { operationState: { phase: "Terminating", syncResult: null } } },
      onlyPhase,
    ],
    [
      "a source in the running operation",
      { status: { operationState: { operation: { sync: { source: evil } } } } },
      onlyPhase,
    ],
    [
      "Terminating together with status",
      { status: { operationState: { phase: "Terminating" }, sync: null } },
      notStatus,
    ],
    ["Terminating together with spec", { ...terminatePatch, spec: { project: "default" } }, notSpec],
  ])("refuses %s of a running operation", async (_, patch, message) => {
    expect(await fixture.tryPatch("root", patch)).toContain(`denied request: ${message}`);
  });

  it("refuses the same changes as a JSON patch", async () => {
    const patch = [
      { op: "add", path: "/operation", value: good },
      { op: "replace", path: "/spec/sources/0/repoURL", value: evil.repoURL },
    ];

    expect(await fixture.tryPatch("vault", patch, { type: "json" })).toContain(notSpec);
  });

  it("refuses the same changes as a replacement, and as a server-side apply", async () => {
    const application = { ...(await fixture.get("vault")), spec: { ...spec, project: "default" } };
    const { managedFields: _, ...metadata } = application.metadata as unknown as Record<string, unknown>;
    const body = JSON.stringify({ ...application, metadata });

    expect(await fixture.tryKubectl(["replace", "--dry-run=server", "-f", "-"], body)).toContain(notSpec);
    const apply = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    expect(await fixture.tryKubectl(apply, body)).toContain(notSpec);
  });

  it("refuses to create and to delete an Application, and every other object of Argo CD", async () => {
    const other = JSON.stringify({
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "evil", namespace: "argocd" },
      spec,
    });

    expect(await fixture.tryKubectl(["create", "--dry-run=server", "-f", "-"], other)).toContain(onlyUpdate);
    expect(await fixture.tryKubectl(["apply", "--server-side", "--dry-run=server", "-f", "-"], other)).toContain(
      onlyUpdate,
    );
    expect(await fixture.tryKubectl(["delete", "application", "vault", "--dry-run=server"])).toContain(onlyUpdate);
  });

  it.each(reasons)("allows the sync that the watcher requests because of %s", async (reason) => {
    const application = applicationOf({ ...(await fixture.get("vault")) } as never);

    expect(await fixture.tryPatch("vault", syncPatch(application, reason, 1))).toBe("");
  });

  it("allows the watcher to end a running operation", async () => {
    expect(await fixture.tryPatch("root", terminatePatch)).toBe("");
  });

  it("allows a sync of an Application without syncOptions, and without a status", async () => {
    await fixture.put("vault-watch", { spec: { ...spec, syncPolicy: { automated: {} } }, status: {} });
    const application = applicationOf((await fixture.get("vault-watch")) as never);

    expect(await fixture.tryPatch("vault-watch", syncPatch(application, "SyncFailed", 12))).toBe("");
  });

  it("allows a sync of an Application with a very large status", async () => {
    const resources = Array.from({ length: 3000 }, (_, i) => ({
      version: "v1",
      kind: "ConfigMap",
      name: `a-name-of-usual-length-${i}`,
      namespace: "vault",
      status: "Synced",
    }));
    await fixture.put("vault-watch", { status: { ...syncedStatus, resources } });
    const application = applicationOf((await fixture.get("vault-watch")) as never);

    expect(await fixture.tryPatch("vault-watch", syncPatch(application, "SyncFailed", 1))).toBe("");
    expect(await fixture.tryPatch("vault-watch", { status: { resources: resources.slice(0, 9) } })).toContain(
      notStatus,
    );
  });

  it("does not concern another account", async () => {
    const user = watcher.replace(/[^:]*$/, "other");

    expect(await fixture.tryPatch("vault", { spec: { project: "default" } }, { user })).toBe("");
  });
});
