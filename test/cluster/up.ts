import { applicationTable, applyRoot, type Cluster, up, waitUntilHealthy } from "./cluster.ts";
import { projectDir } from "./paths.ts";
import { duration } from "./progress.ts";
import { run } from "./run.ts";

/** Twenty minutes: on a loaded machine the first pull of all images into kind is slow; the embedded cluster takes about one. */
const healthyWithin = 20 * 60_000;

const started = Date.now();
try {
  const cluster = await up();
  const applications = await waitUntilHealthy(cluster, await applyRoot(cluster), healthyWithin);
  await report(cluster, applicationTable(applications));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function report(cluster: Cluster, applications: string): Promise<void> {
  const status = ["run", "-s", "vault-hooks", "--", "status", "--output", "table", "--kubeconfig", cluster.kubeconfig];
  console.log(`\n${(await run("npm", status, { cwd: projectDir })).trim()}\n\n${applications}\n`);
  const secret = JSON.parse(await cluster.kubectl(["-n", "app", "get", "secret", "secretkv", "-o", "json"]));
  console.log(`Secret secretkv in namespace app has the keys: ${Object.keys(secret.data ?? {}).join(", ")}`);
  console.log(`\nUp in ${duration(Date.now() - started)}. What to open next:\n`);
  console.log(whatNext(cluster.kubeconfig));
}

function whatNext(kubeconfig: string): string {
  return `  export KUBECONFIG=${kubeconfig}
  kubectl -n argocd port-forward service/argocd-server 8080:443     # Argo CD: https://localhost:8080, user admin, password:
  kubectl -n argocd get secret argocd-initial-admin-secret -o go-template='{{.data.password | base64decode}}{{"\\n"}}'
  kubectl -n vault port-forward service/vault-active 8200           # Vault: http://localhost:8200/ui
  kubectl -n app get secret secretkv                                # what came out of Vault
  make down                                                         # removes it all`;
}
