import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { type ArgoController, startArgoController } from "../../helpers/argo-controller.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { only, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import type { Application } from "../../manifests/application.ts";

let dir: string;
let kube: KubeServer;
let argo: ArgoController;

beforeAll(async () => {
  dir = await tempDir("removed-file");
  kube = await startKube();
  argo = await startArgoController(dir, kube);
}, 900_000);
afterAll(async () => {
  await argo?.close();
  await kube?.close();
  await rm(dir, { recursive: true, force: true });
});

/** The ConfigMap of a configuration of these files. */
function configuration(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const metadata = { name: "vault-hooks-config", namespace: "default" };
  return { "hooks/config.yaml": JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data: files }) };
}

async function untilFiles(expected: readonly string[]): Promise<void> {
  const args = ["-n", "default", "get", "configmap", "vault-hooks-config", "--ignore-not-found", "-o", "json"];
  await until(`the files ${expected}`, deadlineIn(100_000), async () => {
    const text = await kube.kubectl(args);
    const files = Object.keys(text === "" ? {} : JSON.parse(text).data).sort();
    return JSON.stringify(files) === JSON.stringify(expected) ? true : undefined;
  });
}

test("with the sync options of Application vault, Argo CD syncs a commit that only removes a file of the configuration", async () => {
  const vault = only(await render("apps"), "Application", "vault") as Application;
  await argo.commit(configuration({ "a.yaml": "{}", "b.yaml": "{}" }));
  await kube.apply(
    JSON.stringify({
      ...vault,
      metadata: { ...vault.metadata, finalizers: [] },
      spec: {
        project: "default",
        source: { repoURL: argo.repoURL, targetRevision: "main", path: "hooks" },
        destination: { server: "https://kubernetes.default.svc", namespace: "default" },
        syncPolicy: vault.spec.syncPolicy,
      },
    }),
  );
  await untilFiles(["a.yaml", "b.yaml"]);

  await argo.commit(configuration({ "a.yaml": "{}" }));

  await expect(untilFiles(["a.yaml"])).resolves.toBeUndefined();
});
