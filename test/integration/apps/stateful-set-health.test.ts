import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { projectDir } from "../../cluster/paths.ts";
import { run } from "../../cluster/run.ts";
import { argoHealth } from "../../helpers/argo-health.ts";
import { binaries } from "../../helpers/binaries.ts";
import { type Manifest, only, parseManifests, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { type Application, sourcesOf } from "../../manifests/application.ts";
import { byQuorum, sameAsBuiltIn } from "../../manifests/stateful-set-cases.ts";

let dir: string;
let helm: string;
let apps: Manifest[];

beforeAll(async () => {
  dir = await tempDir("health");
  [{ helm }, apps] = await Promise.all([binaries("helm"), render("apps")]);
  const settings = only(apps, "ConfigMap", "argocd-cm");
  await writeFile(ours(), stringify(settings));
  await writeFile(stock(), stringify({ ...settings, data: {} }));
}, 900_000);
afterAll(() => rm(dir, { recursive: true }));

const ours = () => join(dir, "argocd-cm.yaml");
const stock = () => join(dir, "stock.yaml");

const healthBy = (settings: string, object: object) => argoHealth(dir, settings, object);

describe("Argo CD reports the same health of a StatefulSet with our settings as without them", () => {
  test.each(sameAsBuiltIn)("%s", async (_which, statefulSet, expected) => {
    const healths = await Promise.all([healthBy(stock(), statefulSet), healthBy(ours(), statefulSet)]);

    expect(healths).toEqual([expected, expected]);
  });
});

describe("Argo CD reports a StatefulSet with the annotation by its quorum, with our settings only", () => {
  test.each(byQuorum)("%s", async (_which, statefulSet, expected) => {
    expect(await healthBy(ours(), statefulSet)).toEqual(expected);
    expect((await healthBy(stock(), statefulSet)).status).toBe("Progressing");
  });
});

test("Argo CD reports Vault's StatefulSet, from the chart with the values of apps/, as Healthy with two of three pods", async () => {
  const values = join(dir, "values.yaml");
  const vault = sourcesOf(only(apps, "Application", "vault") as Application)[0];
  await writeFile(values, stringify(vault?.helm?.valuesObject));
  const chart = process.env["VAULT_CHART"] ?? join(projectDir, "test/cluster/charts/vault");
  const rendered = parseManifests(await run(helm, ["template", "vault", chart, "-n", "vault", "-f", values]));
  const { metadata, ...rest } = only(rendered, "StatefulSet", "vault");
  const status = { observedGeneration: 1, replicas: 3, readyReplicas: 2 };

  const health = await healthBy(ours(), { ...rest, metadata: { ...metadata, generation: 1 }, status });

  expect(health).toEqual({ status: "Healthy", message: "2 of 3 pods are ready, which is a quorum" });
});
