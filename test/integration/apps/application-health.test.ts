import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { argoHealth } from "../../helpers/argo-health.ts";
import { only, render } from "../../helpers/manifests.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { ownApplications } from "../../manifests/application-cases.ts";
import { definitions, operatorsDefinitions } from "../../manifests/definition-cases.ts";
import { foreignApplications, notAssessed } from "../../manifests/foreign-applications.ts";

let dir: string;
const ours = () => join(dir, "argocd-cm.yaml");
const stock = () => join(dir, "stock.yaml");

beforeAll(async () => {
  dir = await tempDir("health");
  const settings = only(await render("apps"), "ConfigMap", "argocd-cm");
  await writeFile(ours(), stringify(settings));
  await writeFile(stock(), stringify({ ...settings, data: {} }));
}, 900_000);
afterAll(() => rm(dir, { recursive: true }));

describe("Argo CD reports our Application", () => {
  test.each(ownApplications)("%s", async (_which, application, expected) => {
    expect(await argoHealth(dir, ours(), application)).toMatchObject(expected);
  });
});

// parents.test.ts shows that Argo CD treats the two results alike
describe("Argo CD has no health of somebody else's Application without our settings, and a Healthy one with them", () => {
  test.each(foreignApplications)("%s", async (_form, application) => {
    const [before, after] = [await argoHealth(dir, stock(), application), await argoHealth(dir, ours(), application)];

    expect(before.status).toContain("Health script is not configured");
    expect(after).toEqual(notAssessed);
  });
});

describe("Argo CD 3.6 reports the same health of a CustomResourceDefinition with our settings as without them:", () => {
  test.each(definitions)("%s", async (_which, definition, expected) => {
    expect(await argoHealth(dir, stock(), definition)).toEqual(expected);
    expect(await argoHealth(dir, ours(), definition)).toEqual(expected);
  });
});

describe("Argo CD reports a definition of the operator as Healthy, without our settings as Progressing:", () => {
  test.each(operatorsDefinitions)("%s", async (_when, definition, expected) => {
    expect(await argoHealth(dir, stock(), definition)).toEqual({ ...expected, status: "Progressing" });
    expect(await argoHealth(dir, ours(), definition)).toEqual(expected);
  });
});
