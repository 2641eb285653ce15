import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "./progress.ts";
import { moduleSource } from "./servers.ts";

/** Runs kubectl with the chosen cluster's kubeconfig. */
export type Kubectl = (args: readonly string[], options?: { input?: string; timeoutMs?: number }) => Promise<string>;

/** What the sync of Applications needs. The others of the install start beside them and nothing waits for them. */
const needed = [
  "statefulset/argocd-application-controller",
  "deployment/argocd-repo-server",
  "deployment/argocd-redis",
];

/**
 * Applies Argo CD's own install manifest, as the manual says, and waits until it can sync.
 *
 * @param withoutRegistry for a cluster that pulls no images: those that were loaded are used, and Dex, whose image is not built
 *   here, does not run. Nothing else of the manifest is changed.
 * @see https://argo-cd.readthedocs.io/en/stable/getting_started/
 */
export async function ensureArgocd(kubectl: Kubectl, withoutRegistry: boolean, report: Report): Promise<void> {
  const manifest = await readFile(join(await moduleSource("argocd"), "manifests/install.yaml"), "utf8");
  const input = withoutRegistry ? withLoadedImages(manifest) : manifest;
  report("applying its manifest");
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "argocd" } };
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify(namespace) });
  // Server-side, since its CRDs are too large for an annotation. A field that Argo CD's own settings took over stays theirs.
  await kubectl(["apply", "-n", "argocd", "--server-side", "--force-conflicts", "-f", "-"], { input });
  for (const each of needed) {
    report(`waiting for ${each}`);
    await kubectl(["-n", "argocd", "rollout", "status", each, "--timeout=300s"]);
  }
  // its API server makes it when it starts; an Application that is applied before is looked at again only after minutes
  report("waiting for its project default");
  await kubectl(["-n", "argocd", "wait", "appproject/default", "--for=create", "--timeout=300s"]);
}

/** Lets Argo CD run from images that were loaded by hand. Pure. */
export function withLoadedImages(manifest: string): string {
  return manifest
    .replaceAll("imagePullPolicy: Always", "imagePullPolicy: IfNotPresent")
    .split(/^---$/m)
    .map((each) => (isDex(each) ? each.replace(/^spec:$/m, "spec:\n  replicas: 0") : each))
    .join("---");
}

function isDex(document: string): boolean {
  return /^kind: Deployment$/m.test(document) && /^ {2}name: argocd-dex-server$/m.test(document);
}
