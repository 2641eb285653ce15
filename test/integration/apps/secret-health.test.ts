import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { argoHealth } from "../../helpers/argo-health.ts";
import { only, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { annotated, ofOthers } from "../../manifests/secret-cases.ts";

let dir: string;
const settings = () => join(dir, "argocd-cm.yaml");

beforeAll(async () => {
  dir = await tempDir("health");
  await writeFile(settings(), stringify(only(await render("apps"), "ConfigMap", "argocd-cm")));
}, 900_000);
afterAll(() => rm(dir, { recursive: true }));

describe("Argo CD reports a VaultStaticSecret with the annotation as the operator does:", () => {
  test.each(annotated)("%s", async (_which, object, expected) => {
    expect(await argoHealth(dir, settings(), object)).toEqual(expected);
  });
});

describe("Argo CD reports a VaultStaticSecret without our annotation as Healthy and not assessed:", () => {
  test.each(ofOthers)("%s", async (_which, object, expected) => {
    expect(await argoHealth(dir, settings(), object)).toEqual(expected);
  });
});
