import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";

type Lockfile = { packages: Record<string, { integrity?: string; link?: boolean }> };

test("npm verifies every package of the lockfile, also those of other platforms", async () => {
  const { packages } = JSON.parse(await readFile(join(projectDir, "package-lock.json"), "utf8")) as Lockfile;
  // the first entry is this project
  const installed = Object.entries(packages).filter(([path]) => path !== "");
  const unverified = installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path);

  expect(installed.length).toBeGreaterThan(100);
  // npm writes no integrity for a platform's package that it found in node_modules. `npm install --package-lock-only` without those
  // entries adds it.
  expect(unverified).toEqual([]);
});
