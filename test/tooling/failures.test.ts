import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectDir } from "../cluster/paths.ts";
import { attempt } from "../cluster/run.ts";
import { failuresOf } from "../helpers/failures.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const files = {
  "vitest.config.js": "export default {};",
  "sums.test.js": `import { expect, test } from "${join(projectDir, "node_modules/vitest/dist/index.js")}";
test("adds", () => { expect(1 + 1).toBe(3); });
test("subtracts", () => { expect(1 - 1).toBe(0); });`,
  "broken.test.js": 'throw new Error("the import fails\\nsecond line");',
};

test("the end of a run names each failed test, and each file that failed outside its tests, with the reason", async () => {
  const dir = await tempDir("failures");
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);

  const args = ["run", "--root", dir, "--reporter=json", "--outputFile=report.json"];
  await attempt(join(projectDir, "node_modules/.bin/vitest"), args, { cwd: dir });

  const report = JSON.parse(await readFile(join(dir, "report.json"), "utf8"));
  expect(failuresOf(report, dir).sort()).toEqual([
    expect.stringMatching(/^broken\.test\.js: .*the import fails$/),
    "sums.test.js > adds: AssertionError: expected 2 to be 3 // Object.is equality",
  ]);
}, 60_000);
