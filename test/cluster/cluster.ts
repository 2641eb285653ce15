import { join } from "node:path";
import { type Application, applicationsHealthy, refreshApplication } from "./applications.ts";
import { argocdIsForeign, ensureArgocd } from "./argocd.ts";
import { ensureEmbedded, removeEmbedded } from "./embedded.ts";
import { ensureRepository, makeWorkCopy } from "./git-server.ts";
import { ensureKind, kindIsOffline, removeKind } from "./kind/kind.ts";
import { ensureSources } from "./kind/sources.ts";
import { type Kubectl, kubectl } from "./kubectl.ts";
import { withClusterLock } from "./lock.ts";
import { clusterName, kubeconfig, projectDir, workDir } from "./paths.ts";
import { step } from "./progress.ts";
import { publish } from "./publish.ts";

export { type Application, applicationTable, readApplications } from "./applications.ts";
export { gitHead, makeWorkCopy } from "./git-server.ts";
export { kubectl } from "./kubectl.ts";
export { kubeconfig, logsDir, workDir } from "./paths.ts";
export { publish } from "./publish.ts";

/** What the root Application deploys, and the root itself. */
export const applicationNames = [
  "root",
  "vault-watch",
  "vault",
  "vault-secrets-operator",
  "demo",
  "guestbook",
  "vault-health",
] as const;

/** One of three kinds of cluster, used in one way. */
export type Cluster = {
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  /** Argo CD takes apps/ and hooks/ from the checkout instead of from the repository that apps/root.yaml names. */
  readonly servesCheckout: boolean;
  /** No registry is reached: images were made here and loaded, and the charts are served too. */
  readonly offline: boolean;
};

/**
 * Returns the cluster that CLUSTER names: `embedded` (also if unset), `kind`, or `current` for the one that KUBECONFIG names.
 * @throws Error for any other name
 */
export async function chooseCluster(): Promise<Cluster> {
  if (clusterName === "embedded") return { kubeconfig, kubectl, servesCheckout: true, offline: true };
  if (clusterName === "kind") return { kubeconfig, kubectl, servesCheckout: true, offline: await kindIsOffline() };
  if (clusterName === "current") {
    const file = process.env["KUBECONFIG"];
    if (!file) throw new Error("CLUSTER=current takes the cluster that KUBECONFIG names: set KUBECONFIG.");
    return { kubeconfig: file, kubectl, servesCheckout: false, offline: false };
  }
  throw new Error(`CLUSTER: found "${clusterName}", expected embedded, kind or current`);
}

/**
 * Brings the cluster up with Argo CD on it, nothing deployed.
 * @param wipe begins with an empty cluster: etcd, volumes, CA and ServiceAccount keys are new; images are kept
 */
export function up(options: { wipe?: boolean } = {}): Promise<Cluster> {
  return withClusterLock(() => bringUp(options));
}

async function bringUp({ wipe = false }: { wipe?: boolean }): Promise<Cluster> {
  await chooseCluster(); // refuses a wrong name before anything is made
  if (clusterName === "embedded") {
    if (wipe) await removeEmbedded();
    await ensureEmbedded();
  } else if (clusterName === "kind") {
    await ensureKind({ wipe });
  }
  const cluster = await chooseCluster();
  await step("Argo CD", async (report) => {
    if (clusterName === "current" && (await argocdIsForeign(kubectl))) return report("is there already");
    await ensureArgocd(kubectl, cluster.offline, report);
  });
  if (clusterName === "kind") {
    await step("Git server in the cluster", async (report) => {
      await ensureRepository();
      await ensureSources(cluster.offline, report);
    });
  }
  return cluster;
}

/**
 * Applies root.yaml, the one thing that is applied by hand.
 * @returns the commit that it will deploy, where the checkout is served
 */
export async function applyRoot({ servesCheckout, offline }: Cluster): Promise<string | undefined> {
  if (!servesCheckout) {
    await kubectl(["apply", "-f", join(projectDir, "apps/root.yaml")]);
    await refreshApplication(kubectl, "root");
    return undefined;
  }
  await makeWorkCopy(offline);
  const commit = await publish("Deploy the checkout");
  await kubectl(["apply", "-f", join(workDir, "apps/root.yaml")]);
  await refreshApplication(kubectl, "root");
  return commit;
}

/** Waits until all that root deploys is Synced and Healthy at the commit, and shows how far it is. */
export function waitUntilHealthy(
  cluster: Cluster,
  commit: string | undefined,
  timeoutMs: number,
): Promise<Application[]> {
  const wanted = { names: applicationNames, commit, timeoutMs };
  return step("Applications", (report) => applicationsHealthy(cluster.kubectl, wanted, report));
}

/** Stops and removes what {@link up} made, and nothing else. */
export function down(): Promise<void> {
  return withClusterLock(takeDown);
}

async function takeDown(): Promise<void> {
  if (clusterName === "embedded") return removeEmbedded();
  if (clusterName === "kind") return removeKind();
  await chooseCluster();
  console.log(
    "CLUSTER=current: `make up` did not make this cluster, so nothing is stopped. docs/uninstall.md says how to uninstall.",
  );
}
