import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { minorOf, testedVersions } from "../../src/connect/tested-versions.ts";
import { projectDir } from "../cluster/paths.ts";
import { server } from "../cluster/versions.ts";

/** The release of a server, such as "1.21.1". */
function releaseOf(name: "vault" | "bao"): string {
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

it.each([
  ["Vault", "vault"],
  ["OpenBao", "bao"],
] as const)("docs/compatibility.md names the version of %s that the tests run", async (product, name) => {
  const text = await readFile(join(projectDir, "docs/compatibility.md"), "utf8");

  expect(text).toContain(`| ${product} | ${releaseOf(name)} |`);
});
