import { lstat, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { syncApplication } from "./applications.ts";
import {
  type Application,
  applicationTable,
  applyRoot,
  type Cluster,
  kubectl,
  up,
  waitUntilHealthy,
} from "./cluster.ts";
import { kubectlProgram } from "./kubectl.ts";
import { clusterName, projectDir, toolsDir } from "./paths.ts";
import { duration, step } from "./progress.ts";
import { attempt } from "./run.ts";

/** Twenty minutes: on a loaded machine the first pull of all images into kind is slow; the embedded cluster takes about one. */
const healthyWithin = 20 * 60_000;

const started = Date.now();
try {
  const cluster = await up();
  const commit = await applyRoot(cluster);
  const applications = await waitUntilHealthy(cluster, commit, healthyWithin);
  await report(cluster, await unsealed(cluster, commit, applications));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

type Shown = { readonly applications: readonly Application[]; readonly status: string };

/** A node that restarted has left Vault sealed, which is no drift for Argo CD: a sync unseals it. */
async function unsealed(
  cluster: Cluster,
  commit: string | undefined,
  applications: readonly Application[],
): Promise<Shown> {
  const first = await vaultStatus(cluster, "10s");
  if (first.code === 0) return { applications, status: first.stdout };
  await step("Vault is not unsealed: syncing it", () => syncApplication(kubectl, "vault"));
  const synced = await waitUntilHealthy(cluster, commit, healthyWithin);
  const { code, stdout, stderr } = await vaultStatus(cluster, "2m");
  if (code !== 0) throw new Error(`vault-hooks status ended with ${code}:\n${stdout}\n${stderr}`);
  return { applications: synced, status: stdout };
}

function vaultStatus({ kubeconfig }: Cluster, timeout: string) {
  const flags = ["--output", "table", "--kubeconfig", kubeconfig, "--timeout", timeout];
  return attempt("npm", ["run", "-s", "vault-hooks", "--", "status", ...flags], { cwd: projectDir });
}

async function report({ kubeconfig }: Cluster, { applications, status }: Shown): Promise<void> {
  console.log(`\n${status.trim()}\n\n${applicationTable(applications)}\n`);
  const secret = JSON.parse(await kubectl(["-n", "app", "get", "secret", "secretkv", "-o", "json"]));
  console.log(`Secret secretkv in namespace app has the keys: ${Object.keys(secret.data ?? {}).join(", ")}`);
  console.log(`\nUp in ${duration(Date.now() - started)}. What to open next:\n`);
  console.log(whatNext(kubeconfig, await toolsPath()));
}

/** @returns the folder to put on the PATH for kubectl; undefined where it is there already */
async function toolsPath(): Promise<string | undefined> {
  const program = await kubectlProgram();
  if (program === "kubectl") return undefined;
  await mkdir(toolsDir, { recursive: true });
  const link = join(toolsDir, "kubectl");
  if (await lstat(link).catch(() => undefined)) await rm(link);
  await symlink(program, link);
  return toolsDir;
}

function whatNext(kubeconfig: string, tools: string | undefined): string {
  const path = tools === undefined ? "" : ` PATH=${tools}:$PATH`;
  const down = clusterName === "embedded" ? "make down" : `CLUSTER=${clusterName} make down`;
  return `  export KUBECONFIG=${kubeconfig}${path}
  kubectl -n argocd port-forward service/argocd-server 8080:443     # Argo CD: https://localhost:8080, user admin, password:
  kubectl -n argocd get secret argocd-initial-admin-secret -o go-template='{{.data.password | base64decode}}{{"\\n"}}'
  kubectl -n vault port-forward service/vault-active 8200           # Vault: http://localhost:8200/ui
  kubectl -n app get secret secretkv                                # what came out of Vault
  ${down.padEnd(65)} # removes it all`;
}
