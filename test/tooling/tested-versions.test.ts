import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { minorOf, testedVersions } from "../../src/connect/tested-versions.ts";
import { projectDir } from "../cluster/paths.ts";
import { kubernetesVersion, type ServerName, server } from "../cluster/versions.ts";

/** The release of a server, such as "1.21.1". */
function releaseOf(name: ServerName): string {
  return server(name).version.replace(/^v/, "");
}

it.each([
  ["Vault", "vault"],
  ["OpenBao", "bao"],
] as const)(
  "the program counts the minor version of %s as tested that the tests run, and no other",
  (product, name) => {
    expect(testedVersions[product]).toEqual([minorOf(releaseOf(name))]);
  },
);

const products: ReadonlyArray<readonly [string, ServerName]> = [
  ["Kubernetes", "kube-apiserver"],
  ["Argo CD", "argocd"],
  ["Vault", "vault"],
  ["OpenBao", "bao"],
  ["Vault Secrets Operator and its chart", "vault-secrets-operator"],
  ["kind", "kind"],
];

it.each(products)("docs/compatibility.md names the version of %s that the tests run", async (product, name) => {
  const text = await readFile(join(projectDir, "docs/compatibility.md"), "utf8");

  expect(text).toContain(`| ${product} | ${releaseOf(name)} |`);
});

test("apps/root.yaml names the version of the operator's chart that is tested", async () => {
  const root = await readFile(join(projectDir, "apps/root.yaml"), "utf8");

  expect(root).toContain(`vso-chart-version: ${releaseOf("vault-secrets-operator")}\n`);
});

test.each(["README.md", "docs/kind.md"])("%s names the version of Kubernetes that was tested on kind", async (file) => {
  const text = await readFile(join(projectDir, file), "utf8");

  expect(text).toMatch(new RegExp(`Kubernetes ${kubernetesVersion.slice(1)}\\s`));
});
