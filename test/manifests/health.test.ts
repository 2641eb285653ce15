import { beforeAll, describe, expect, test } from "vitest";
import { runHealth } from "../helpers/health.ts";
import { type Manifest, only, render } from "../helpers/manifests.ts";
import { annotated, applicationKey, ownApplications, twoSources } from "./application-cases.ts";
import { definitionKey } from "./definition-cases.ts";
import { foreignApplications, notAssessed } from "./foreign-applications.ts";
import { secretKey } from "./secret-cases.ts";
import { statefulSetKey } from "./stateful-set-cases.ts";

const healthKey = "resource.customizations.health.vault-hooks.dev_VaultHealth";
let script: string;
let settings: Manifest;

beforeAll(async () => {
  settings = only(await render("apps"), "ConfigMap", "argocd-cm");
  const data = settings["data"] as Record<string, string>;
  script = data[applicationKey] ?? "";
}, 900_000);

describe("a wave sees the health of a child Application", () => {
  test.each(ownApplications)("%s", async (_which, application, expected) => {
    expect(await runHealth(script, application)).toMatchObject(expected);
  });
});

describe("an Application of somebody else holds no wave, as without our settings", () => {
  test.each(foreignApplications)("%s", async (_form, application) => {
    expect(await runHealth(script, application)).toEqual(notAssessed);
  });

  test.each([
    ["another value of the annotation", annotated("quorum")],
    ["no annotations", { annotations: undefined }],
    ["the annotation as a label", { annotations: undefined, labels: { "vault-hooks.dev/health": "hooks" } }],
  ])("with %s", async (_which, metadata) => {
    expect(await runHealth(script, twoSources({ metadata, op: { phase: "Failed" } }))).toEqual(notAssessed);
  });
});

test("Argo CD finds its settings by their label, and they outlive the root", () => {
  expect(settings.metadata).toMatchObject({
    namespace: "argocd",
    labels: { "app.kubernetes.io/part-of": "argocd" },
    annotations: { "argocd.argoproj.io/sync-options": "ServerSideApply=true,Prune=false,Delete=false" },
  });
  expect(Object.keys(settings["data"] as object)).toEqual([
    definitionKey,
    statefulSetKey,
    applicationKey,
    secretKey,
    healthKey,
  ]);
});
