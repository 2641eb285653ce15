import { createHash } from "node:crypto";
import { glob, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { down } from "./cluster/cluster.ts";
import { cacheDir, projectDir } from "./cluster/paths.ts";
import { duration } from "./cluster/progress.ts";
import { type Case, cases } from "./long/cases.ts";
import { kindCases } from "./long/kind-cases.ts";

/**
 * Runs the cases that take too long for `make test`, one after another, and stores a result for each. Another run repeats only
 * those that have not passed; after a change to the tested files it repeats all. Removes the cluster at the end.
 * Usage: tsx test/long.ts [part of a case's name]
 */
type Result = { readonly passed: boolean; readonly seconds: number; readonly message: string };

const testedFiles = ["src/**/*.ts", "hooks/**/*", "apps/**/*", "Dockerfile", "test/long/*.ts", "test/cluster/**/*"];

const folder = join(cacheDir, "long", await digest());
await mkdir(folder, { recursive: true });
const selected = [...cases(), ...kindCases()].filter(({ name }) => name.includes(process.argv[2] ?? ""));
let failed = 0;
for (const each of selected) {
  const stored = await readResult(each.name);
  const result = stored?.passed ? stored : await runCase(each);
  if (!result.passed) failed += 1;
  const status = result.passed ? "passed" : "FAILED";
  const origin = stored?.passed ? " (earlier run)" : "";
  console.log(`${status}  ${each.name}  ${duration(result.seconds * 1000)}${origin}  ${result.message}`);
}
await down();
console.log(`\nresults are in ${folder}`);
console.log(`${selected.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || selected.length === 0 ? 1 : 0;

async function runCase({ name, run }: Case): Promise<Result> {
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  const result = await run().then(
    (message) => ({ passed: true, seconds: seconds(), message }),
    (error: unknown) => ({
      passed: false,
      seconds: seconds(),
      message: error instanceof Error ? error.message : `${error}`,
    }),
  );
  await writeResult(name, result);
  return result;
}

async function readResult(name: string): Promise<Result | undefined> {
  const text = await readFile(fileOf(name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Result);
}

async function writeResult(name: string, result: Result): Promise<void> {
  const file = fileOf(name);
  await writeFile(`${file}.unfinished`, JSON.stringify(result, undefined, 2));
  await rename(`${file}.unfinished`, file);
}

function fileOf(name: string): string {
  return join(folder, `${name.replaceAll(/[^a-z0-9.]+/gi, "-")}.json`);
}

/** Returns a hash of all tested files: results of other versions do not count. */
async function digest(): Promise<string> {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const each of glob(testedFiles, { cwd: projectDir, withFileTypes: true })) {
    if (each.isFile()) files.push(join(each.parentPath, each.name));
  }
  for (const file of files.sort()) hash.update(`${file.slice(projectDir.length)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}
