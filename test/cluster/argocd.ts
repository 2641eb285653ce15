import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { deadlineIn, left } from "../../src/util/deadline.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Report } from "./progress.ts";
import { moduleSource } from "./servers.ts";

/** The sync of Applications needs these. The rest of the install starts beside them, and nothing waits for it. */
const needed = [
  "statefulset/argocd-application-controller",
  "deployment/argocd-repo-server",
  "deployment/argocd-redis",
];

/** Says that `make up` installed Argo CD, so that a half install is taken up again. */
const madeHere = { "app.kubernetes.io/managed-by": "vault-hooks-make-up" };

/** Slow registries were seen to take minutes for Argo CD's image. */
const installMs = 15 * 60_000;

/** Whether somebody else installed Argo CD in this cluster: it is used as it is. */
export async function argocdIsForeign(kubectl: Kubectl): Promise<boolean> {
  const crd = await kubectl(["get", "crd", "applications.argoproj.io", "--ignore-not-found", "-o", "name"]);
  if (crd.trim() === "") return false;
  const labels = await kubectl([
    "get",
    "namespace",
    "argocd",
    "--ignore-not-found",
    "-o",
    "jsonpath={.metadata.labels}",
  ]);
  return !labels.includes(JSON.stringify(madeHere).slice(1, -1));
}

/**
 * Applies Argo CD's own install manifest, as its manual says, and waits until it can sync. May be repeated after a failure.
 *
 * @param offline the cluster pulls no images: loaded ones are used, and Dex, whose image is not made here, does not run.
 *   Nothing else of the manifest is changed.
 * @throws Error at the end of the time, with the reason that each pod waits for
 * @see https://argo-cd.readthedocs.io/en/stable/getting_started/
 */
export async function ensureArgocd(kubectl: Kubectl, offline: boolean, report: Report): Promise<void> {
  const manifest = await readFile(join(await moduleSource("argocd"), "manifests/install.yaml"), "utf8");
  const input = offline ? withLoadedImages(manifest) : manifest;
  report("applying its manifest");
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "argocd", labels: madeHere } };
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify(namespace) });
  // Server-side, since its CRDs are too large for an annotation. A field that Argo CD's own settings took over stays theirs.
  await kubectl(["apply", "-n", "argocd", "--server-side", "--force-conflicts", "-f", "-"], { input });
  await untilReady(kubectl, report);
  // its API server makes it when it starts; an Application that is applied before is looked at again only after minutes
  report("waiting for its project default");
  await kubectl(["-n", "argocd", "wait", "appproject/default", "--for=create", "--timeout=300s"]);
}

type Workload = {
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number; readonly readyReplicas?: number };
};

async function untilReady(kubectl: Kubectl, report: Report): Promise<void> {
  const deadline = deadlineIn(installMs);
  for (;;) {
    const waiting: string[] = [];
    for (const each of needed) if (!(await isReady(kubectl, each))) waiting.push(each);
    if (waiting.length === 0) return;
    const reasons = waitingReasons(await kubectl(["-n", "argocd", "get", "pods", "-o", "json"]));
    report(`waiting for ${waiting.join(", ")}${reasons.map((reason) => `; ${reason}`).join("")}`.slice(0, 160));
    if (left(deadline) === 0) {
      throw new Error(`Argo CD did not start: ${waiting.join(", ")} is not ready.\n${reasons.join("\n")}`);
    }
    await delay(1000);
  }
}

async function isReady(kubectl: Kubectl, workload: string): Promise<boolean> {
  const { metadata, status }: Workload = JSON.parse(await kubectl(["-n", "argocd", "get", workload, "-o", "json"]));
  return status?.observedGeneration === metadata.generation && (status?.readyReplicas ?? 0) > 0;
}

type PodList = {
  readonly items: ReadonlyArray<{
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly containerStatuses?: ReadonlyArray<{
        readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      }>;
    };
  }>;
};

/** Returns the reason that each pod waits for, such as ErrImagePull with its message. Pure. */
export function waitingReasons(podsJson: string): string[] {
  const { items }: PodList = JSON.parse(podsJson);
  return items.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? []).flatMap(({ state }) => {
      const { reason = "", message = "" } = state?.waiting ?? {};
      return /^$|^ContainerCreating$|^PodInitializing$/.test(reason) ? [] : [`${metadata.name}: ${reason}: ${message}`];
    }),
  );
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
