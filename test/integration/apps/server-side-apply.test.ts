import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { projectDir } from "../../cluster/paths.ts";
import { type ArgoController, startArgoController } from "../../helpers/argo-controller.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { only, parseManifests, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import type { Application } from "../../manifests/application.ts";

let dir: string;
let kube: KubeServer;
let argo: ArgoController;

beforeAll(async () => {
  dir = await tempDir("server-side-apply");
  kube = await startKube();
  argo = await startArgoController(dir, kube);
}, 900_000);
afterAll(async () => {
  await argo?.close();
  await kube?.close();
  await rm(dir, { recursive: true, force: true });
});

type Data = Readonly<Record<string, string>>;

function configMap(name: string, data: Data, annotations: object = {}): string {
  const metadata = { name, namespace: "default", annotations };
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
}

/** Deploys a folder of the repository as `apps/` deploys this Application: with its annotations and its sync policy. */
async function deploy(application: Application, path: string): Promise<void> {
  const spec = {
    project: "default",
    source: { repoURL: argo.repoURL, targetRevision: "main", path },
    destination: { server: "https://kubernetes.default.svc", namespace: "default" },
    syncPolicy: application.spec.syncPolicy,
  };
  await kube.apply(JSON.stringify({ ...application, metadata: { ...application.metadata, finalizers: [] }, spec }));
}

async function untilKeys(application: string, name: string, expected: readonly string[]): Promise<void> {
  const args = ["-n", "default", "get", "configmap", name, "--ignore-not-found", "-o", "json"];
  let last = "";
  let status = "";
  await until(
    `the keys ${expected} in ConfigMap ${name}`,
    deadlineIn(100_000),
    async () => {
      const text = await kube.kubectl(args);
      last = Object.keys(text === "" ? {} : JSON.parse(text).data)
        .sort()
        .join(" ");
      status = await kube.kubectl(["-n", "argocd", "get", "application", application, "-o", "jsonpath={.status}"]);
      return last === expected.join(" ") ? true : undefined;
    },
    () => `they are ${last}; Argo CD reports ${status}`,
  );
}

test("with the options of Application vault, Argo CD syncs a commit that only removes a file of a large configuration", async () => {
  const vault = only(await render("apps"), "Application", "vault") as Application;
  const large = "#".repeat(300 * 1024);
  await argo.commit({ "hooks/config.json": configMap("vault-hooks-config", { "a.yaml": large, "b.yaml": "{}" }) });
  await deploy(vault, "hooks");
  await untilKeys("vault", "vault-hooks-config", ["a.yaml", "b.yaml"]);

  await argo.commit({ "hooks/config.json": configMap("vault-hooks-config", { "a.yaml": large }) });

  await expect(untilKeys("vault", "vault-hooks-config", ["a.yaml"])).resolves.toBeUndefined();
});

test("with the options of the root, Argo CD keeps the keys that others applied with kubectl, once their annotation is removed", async () => {
  const [root] = parseManifests(await readFile(join(projectDir, "apps/root.yaml"), "utf8")) as Application[];
  if (root === undefined) throw new Error("apps/root.yaml is empty");
  await kube.kubectl(["apply", "-f", "-"], configMap("argocd-settings", { url: "https://argo.test" }));
  await kube.kubectl(["annotate", "configmap", "argocd-settings", "kubectl.kubernetes.io/last-applied-configuration-"]);
  await argo.commit({ "apps/settings.json": configMap("argocd-settings", { ours: "1" }) });
  await deploy(root, "apps");
  await untilKeys("root", "argocd-settings", ["ours", "url"]);

  await argo.commit({ "apps/settings.json": configMap("argocd-settings", { another: "1", ours: "1" }) });
  await untilKeys("root", "argocd-settings", ["another", "ours", "url"]);
  await argo.commit({ "apps/settings.json": configMap("argocd-settings", { another: "1" }) });

  await expect(untilKeys("root", "argocd-settings", ["another", "url"])).resolves.toBeUndefined();
});
