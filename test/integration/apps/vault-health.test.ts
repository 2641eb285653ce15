import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { argoHealth } from "../../helpers/argo-health.ts";
import { only, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { vaultHealthCases } from "../../manifests/vault-health-cases.ts";

let dir: string;
let settings: string;

beforeAll(async () => {
  dir = await tempDir("health");
  settings = join(dir, "argocd-cm.yaml");
  await writeFile(settings, stringify(only(await render("apps"), "ConfigMap", "argocd-cm")));
}, 900_000);
afterAll(() => rm(dir, { recursive: true }));

test.each(vaultHealthCases(new Date()))("Argo CD reports VaultHealth as %s", async (_when, object, expected) => {
  expect(await argoHealth(dir, settings, object)).toEqual(expected);
});
