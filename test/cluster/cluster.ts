import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Application, applicationsHealthy } from "./applications.ts";
import { ensureArgocd, type Kubectl } from "./argocd.ts";
import { ensureEmbedded, removeEmbedded } from "./embedded.ts";
import { makeWorkCopy, publish } from "./git-server.ts";
import { ensureKind, kindKubeconfig, removeKind } from "./kind.ts";
import { kubectl as embeddedKubectl } from "./kubernetes.ts";
import { withClusterLock } from "./lock.ts";
import { kubeconfig, projectDir, workDir } from "./paths.ts";
import { step } from "./progress.ts";
import { attempt, run } from "./run.ts";
import { ensureServers, serverPath } from "./servers.ts";

export { type Application, applicationTable, readApplications } from "./applications.ts";
export { gitHead, makeWorkCopy, publish } from "./git-server.ts";
export { kubectl } from "./kubernetes.ts";
export { kubeconfig, logsDir, workDir } from "./paths.ts";

/** What the root Application deploys. */
export const applicationNames = ["root", "vault", "vault-secrets-operator", "demo", "guestbook"] as const;

/** Three kinds of cluster, one way to use them. */
export type Cluster = {
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  /** Runs no registry: images were loaded, sources are served from this machine. */
  readonly embedded: boolean;
};

/**
 * The cluster that CLUSTER names: `embedded` (also if unset), `kind`, or `current` for what KUBECONFIG names.
 *
 * @throws Error for any other name
 */
export async function chooseCluster(name: string = process.env["CLUSTER"] ?? "embedded"): Promise<Cluster> {
  if (name === "embedded") return { kubeconfig, kubectl: embeddedKubectl, embedded: true };
  if (name === "kind") return { kubeconfig: kindKubeconfig, kubectl: await kubectlOf(kindKubeconfig), embedded: false };
  if (name === "current") {
    const file = process.env["KUBECONFIG"];
    if (!file) throw new Error("CLUSTER=current takes the cluster that KUBECONFIG names: set KUBECONFIG.");
    return { kubeconfig: file, kubectl: await kubectlOf(file), embedded: false };
  }
  throw new Error(`CLUSTER=${name} is none of embedded, kind, current.`);
}

/**
 * Brings the cluster up with Argo CD on it, nothing deployed.
 *
 * @param wipe begins with an empty embedded cluster: etcd, volumes, CA and ServiceAccount keys all new; images are kept
 */
export function up(options: { wipe?: boolean } = {}): Promise<Cluster> {
  return withClusterLock(() => bringUp(options));
}

async function bringUp({ wipe = false }: { wipe?: boolean }): Promise<Cluster> {
  const cluster = await chooseCluster();
  if (cluster.embedded) {
    if (wipe) await removeEmbedded();
    await ensureEmbedded();
  } else if (process.env["CLUSTER"] === "kind") {
    await ensureKind();
  }
  await step("Argo CD", async (report) => {
    if (!cluster.embedded && (await hasArgocd(cluster.kubectl))) return report("is there already");
    await ensureArgocd(cluster.kubectl, cluster.embedded, report);
  });
  return cluster;
}

/** Applies root.yaml, the one thing that is applied by hand. @returns the commit that it will deploy, where it is served here */
export async function applyRoot({ kubectl, embedded }: Cluster): Promise<string | undefined> {
  if (!embedded) {
    await kubectl(["apply", "-f", join(projectDir, "apps/root.yaml")]);
    return undefined;
  }
  await makeWorkCopy();
  const commit = await publish("Deploy the checkout");
  await kubectl(["apply", "-f", join(workDir, "apps/root.yaml")]);
  await refresh(kubectl);
  return commit;
}

/** Makes Argo CD look at the repository now, instead of within its polling interval of some minutes. */
export async function refresh(kubectl: Kubectl, application = "root"): Promise<void> {
  const annotation = "argocd.argoproj.io/refresh=normal";
  await kubectl(["-n", "argocd", "annotate", "applications.argoproj.io", application, annotation, "--overwrite"]);
}

/** Waits until all that root deploys is Synced and Healthy, and shows how far it is. */
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
  const cluster = await chooseCluster();
  if (cluster.embedded) return removeEmbedded();
  if (process.env["CLUSTER"] === "kind") return removeKind();
  console.log("CLUSTER=current: the cluster is not ours, nothing is stopped. docs/uninstall.md says how to uninstall.");
}

async function hasArgocd(kubectl: Kubectl): Promise<boolean> {
  const found = await kubectl(["get", "crd", "applications.argoproj.io", "--ignore-not-found", "-o", "name"]);
  return found.trim() !== "";
}

async function kubectlOf(file: string): Promise<Kubectl> {
  const there = await attempt("kubectl", ["version", "--client"]).catch(() => undefined);
  if (!there && !existsSync(serverPath("kubectl"))) await ensureServers(["kubectl"]);
  const command = there ? "kubectl" : serverPath("kubectl");
  return (args, options) => run(command, [`--kubeconfig=${file}`, ...args], options);
}
