import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { sourceUrl } from "../cluster/addresses.ts";
import { servedSources } from "../cluster/git-server.ts";
import { projectDir } from "../cluster/paths.ts";

const root = await readFile(join(projectDir, "apps/root.yaml"), "utf8");

test("the served root.yaml takes the repository and the charts from here, and differs in nothing else", () => {
  const original = parse(root);

  const served = parse(servedSources(root, true));

  expect(served.spec.source.repoURL).toBe(sourceUrl.git);
  expect(served.metadata.annotations["vault-hooks.dev/vault-chart-repo"]).toBe(sourceUrl.charts);
  expect(served.metadata.annotations["vault-hooks.dev/vso-chart-repo"]).toBe(sourceUrl.charts);
  served.spec.source.repoURL = original.spec.source.repoURL;
  served.metadata.annotations = original.metadata.annotations;
  expect(served).toEqual(original);
});

test("where charts can be fetched, only the repository is replaced", () => {
  const original = parse(root);

  const served = parse(servedSources(root, false));

  expect(served.spec.source.repoURL).toBe(sourceUrl.git);
  expect(served.metadata).toEqual(original.metadata);
});

test("a source that is not served here is refused at once instead of timing out in Argo CD", () => {
  expect(() => servedSources("repoURL: https://charts.example.org/stable\n", true)).toThrow(
    "https://charts.example.org/stable",
  );
});
