import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { url } from "../cluster/addresses.ts";
import { servedSources } from "../cluster/git-server.ts";
import { projectDir } from "../cluster/paths.ts";

const root = await readFile(join(projectDir, "apps/root.yaml"), "utf8");

test("the served root.yaml takes everything from this machine, and differs in nothing else", () => {
  const original = parse(root);

  const served = parse(servedSources(root));

  expect(served.spec.source.repoURL).toBe(url.git);
  expect(served.metadata.annotations["vault-hooks.dev/vault-chart-repo"]).toBe(url.charts);
  expect(served.metadata.annotations["vault-hooks.dev/vso-chart-repo"]).toBe(url.charts);
  served.spec.source.repoURL = original.spec.source.repoURL;
  served.metadata.annotations = original.metadata.annotations;
  expect(served).toEqual(original);
});

test("a source that is not served here is told, not left to time out", () => {
  expect(() => servedSources("repoURL: https://charts.example.org/stable\n")).toThrow(
    "https://charts.example.org/stable",
  );
});
