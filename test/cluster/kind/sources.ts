import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageCharts } from "../chart-server.ts";
import { kubectl } from "../kubectl.ts";
import { stateDir } from "../paths.ts";
import { run } from "../run.ts";
import { images } from "../versions.ts";

/**
 * Serves the checkout, and the charts where no registry is reached, from a pod of the cluster: pods reach it whatever stands
 * between them and this machine, be it a firewall or the virtual machine of Docker Desktop.
 */
const sourcesNamespace = "vault-hooks-sources";
const name = "sources";
const gitDir = "/sources/git/vault-hooks.git";

/** Starts the pod and waits until it runs. @param charts whether it serves the charts too */
export async function ensureSources(charts: boolean, report: (at: string) => void): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests(charts) });
  await kubectl(["apply", "-f", "-"], { input });
  report("waiting for its pod");
  await kubectl(["-n", sourcesNamespace, "rollout", "status", `deployment/${name}`, "--timeout=600s"], {
    timeoutMs: 660_000,
  });
  await inPod(`git init -q --bare --initial-branch=main ${gitDir}`);
  if (!charts) return;
  report("packing the charts");
  const dir = await packageCharts();
  const archive = join(stateDir, "charts.tar");
  await run("tar", ["-C", dir, "-cf", archive, "."]);
  await inPod("mkdir -p /sources/charts && tar -xf - -C /sources/charts", await readFile(archive));
}

/** Copies branch main of a local repository into the pod's. */
export async function pushToSources(repository: string): Promise<void> {
  const bundle = join(stateDir, "publish.bundle");
  await run("git", ["--git-dir", repository, "bundle", "create", "-q", bundle, "main"]);
  const fetch = `git -C ${gitDir} fetch -q /sources/bundle +refs/heads/main:refs/heads/main`;
  await inPod(`cat > /sources/bundle && ${fetch}`, await readFile(bundle));
}

function inPod(script: string, input?: Uint8Array): Promise<string> {
  const command = ["-n", sourcesNamespace, "exec", "-i", `deployment/${name}`, "-c", "git", "--", "sh", "-ec", script];
  return kubectl(command, input === undefined ? {} : { input });
}

function manifests(charts: boolean): object[] {
  const metadata = { name, namespace: sourcesNamespace };
  const labels = { app: name };
  const ports = [{ name: "git", port: 9418 }, ...(charts ? [{ name: "charts", port: 8879 }] : [])];
  const template = { metadata: { labels }, spec: podSpec(charts) };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: sourcesNamespace } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { selector: { matchLabels: labels }, strategy: { type: "Recreate" }, template },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports } },
  ];
}

/** The repository is in an emptyDir, and tests drain and stop workers. Clusters of clouds have no such node. */
const preferredOnControlPlane = {
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          preference: { matchExpressions: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] },
        },
      ],
    },
  },
  tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
};

/** Argo CD's image has git, and the cluster has that image anyway. */
function podSpec(charts: boolean): object {
  const volumeMounts = [{ name: "sources", mountPath: "/sources" }];
  const daemon = ["git", "daemon", "--reuseaddr", "--base-path=/sources/git", "--export-all", "/sources/git"];
  const containers = [
    { name: "git", image: images.argocd, imagePullPolicy: "IfNotPresent", command: daemon, volumeMounts },
    {
      name: "charts",
      image: images.busybox,
      imagePullPolicy: "IfNotPresent",
      command: ["httpd", "-f", "-p", "8879", "-h", "/sources/charts"],
      volumeMounts,
    },
  ];
  const folders = ["mkdir", "-p", "/sources/git", "/sources/charts"];
  return {
    ...preferredOnControlPlane,
    securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 },
    initContainers: [
      { name: "folders", image: images.argocd, imagePullPolicy: "IfNotPresent", command: folders, volumeMounts },
    ],
    containers: charts ? containers : containers.slice(0, 1),
    volumes: [{ name: "sources", emptyDir: {} }],
  };
}
