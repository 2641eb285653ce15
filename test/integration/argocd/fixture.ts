import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Application } from "../../../src/argocd/application.ts";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { moduleSource } from "../../cluster/servers.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";

/** The watcher's account, as Kubernetes names it. */
export const watcher = "system:serviceaccount:vault-watch:vault-hooks-watch";
const base = "hooks/watch/argocd";

export type Fixture = {
  readonly server: KubeServer;
  /** Creates the Application again, with these parts. */
  put(name: string, parts?: Parts): Promise<void>;
  get(name: string): Promise<Stored>;
  /** Patches as this user, which Kubernetes checks but does not store. @returns the error, or "" */
  tryPatch(name: string, patch: object, options?: PatchOptions): Promise<string>;
  /** Runs kubectl as the watcher. @returns the error, or "" */
  tryKubectl(args: readonly string[], input?: string): Promise<string>;
};

type Parts = {
  readonly spec?: object;
  readonly operation?: object;
  readonly status?: object;
  readonly metadata?: object;
};
type PatchOptions = { readonly user?: string; readonly type?: "merge" | "json" };
/** An Application with all its fields. */
type Stored = Application & {
  readonly metadata: { readonly generation: number };
  readonly spec: Record<string, unknown>;
};

/** What Argo CD writes into an Application that it has synced. */
export const syncedStatus = {
  sync: { status: "Synced", revisions: ["0.34.1", "abc"] },
  health: { status: "Healthy" },
  history: [{ id: 1, deployedAt: "2026-11-29T10:05:00Z", revisions: ["0.34.1", "abc"], sources: [] }],
  resources: [{ kind: "StatefulSet", name: "vault", namespace: "vault", status: "Synced" }],
  operationState: {
    operation: { sync: { syncOptions: ["ServerSideApply=true"] }, initiatedBy: { automated: true } },
    phase: "Succeeded",
    message: "successfully synced",
    startedAt: "2026-11-29T10:04:00Z",
    finishedAt: "2026-11-29T10:05:00Z",
    syncResult: { revision: "", revisions: ["0.34.1", "abc"], resources: [] },
  },
};

export const spec = {
  project: "vault",
  sources: [{ repoURL: "https://git.example/repo.git", path: "hooks", targetRevision: "main" }],
  destination: { server: "https://kubernetes.default.svc", namespace: "vault" },
  syncPolicy: {
    automated: { prune: true, selfHeal: true },
    syncOptions: ["ServerSideApply=true"],
    retry: { limit: 10 },
  },
};

/**
 * Starts an API server with Argo CD's CRD, the watcher's account, and the objects of hooks/watch/argocd.
 *
 * @param prepare creates what else a test needs
 */
export async function startFixture(prepare: (server: KubeServer) => Promise<void>): Promise<Fixture> {
  const server = await startKube();
  const fixture = fixtureOn(server);
  await server.apply(await readFile(join(await moduleSource("argocd"), "manifests/crds/application-crd.yaml"), "utf8"));
  await server.apply(accounts);
  await prepare(server);
  for (const file of ["policy.yaml", "rbac.yaml"]) await server.apply(await readFile(join(base, file), "utf8"));
  // the API server serves a new kind some moments after its definition is stored
  await until("the kind Application to be served", deadlineIn(60_000), async () =>
    fixture.put("vault").then(
      () => true,
      () => undefined,
    ),
  );
  // a policy is in force some moments after it is stored
  await until("the policy to be in force", deadlineIn(60_000), async () => {
    const error = await fixture.tryPatch("vault", { spec: { project: "default" } });
    return error.includes("ValidatingAdmissionPolicy 'vault-hooks-watch'") ? true : undefined;
  });
  return fixture;
}

function fixtureOn(server: KubeServer): Fixture {
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "",
      (error: unknown) => String(error),
    );
  const tryKubectl = (args: readonly string[], input?: string) =>
    errorOf(server.kubectl([`--as=${watcher}`, "-n", "argocd", ...args], input));
  return {
    server,
    tryKubectl,
    async put(name, { metadata = {}, ...parts } = {}) {
      const object = {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: { name, namespace: "argocd", ...metadata },
        spec,
        status: syncedStatus,
        ...parts,
      };
      await server.kubectl(["-n", "argocd", "delete", "application", name, "--ignore-not-found"]);
      await server.kubectl(["create", "-f", "-"], JSON.stringify(object));
    },
    get: async (name) => JSON.parse(await server.kubectl(["-n", "argocd", "get", "application", name, "-o", "json"])),
    tryPatch(name, patch, { user = watcher, type = "merge" } = {}) {
      const args = ["patch", "application", name, `--type=${type}`, "-p", JSON.stringify(patch), "--dry-run=server"];
      return errorOf(server.kubectl([`--as=${user}`, "-n", "argocd", ...args]));
    },
  };
}

const accounts = `
apiVersion: v1
kind: Namespace
metadata: { name: argocd }
---
apiVersion: v1
kind: Namespace
metadata: { name: vault }
---
apiVersion: v1
kind: Namespace
metadata: { name: vault-watch }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: vault-hooks-watch, namespace: vault-watch }
`;
