import { createHash } from "node:crypto";
import { glob, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { down } from "./cluster/cluster.ts";
import { cacheDir, projectDir } from "./cluster/paths.ts";
import { duration } from "./cluster/progress.ts";
import { type Case, cases } from "./long/cases.ts";

/**
 * Runs the cases that are too many for `make test`, one after another, and keeps a result for each. Run again, it goes on with
 * those that have not passed; a change to what is tested begins anew. The cluster that they leave is removed at the end.
 * Usage: tsx test/long.ts [part of a case's name]
 */
type Result = { readonly passed: boolean; readonly seconds: number; readonly said: string };

const tested = ["src/**/*.ts", "hooks/**/*", "apps/**/*", "Dockerfile", "test/long/*.ts", "test/cluster/**/*"];

const folder = join(cacheDir, "long", await digest());
await mkdir(folder, { recursive: true });
const wanted = cases().filter(({ name }) => name.includes(process.argv[2] ?? ""));
let failed = 0;
for (const each of wanted) {
  const kept = await read(each.name);
  const result = kept?.passed ? kept : await perform(each);
  if (!result.passed) failed += 1;
  const mark = result.passed ? "passed" : "FAILED";
  console.log(
    `${mark}  ${each.name}  ${duration(result.seconds * 1000)}${kept?.passed ? " (kept)" : ""}  ${result.said}`,
  );
}
await down();
console.log(`\nresults are in ${folder}`);
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || wanted.length === 0 ? 1 : 0;

async function perform({ name, run }: Case): Promise<Result> {
  const from = Date.now();
  const seconds = () => Math.round((Date.now() - from) / 1000);
  const result = await run().then(
    (said) => ({ passed: true, seconds: seconds(), said }),
    (error: unknown) => ({
      passed: false,
      seconds: seconds(),
      said: error instanceof Error ? error.message : `${error}`,
    }),
  );
  await write(name, result);
  return result;
}

async function read(name: string): Promise<Result | undefined> {
  const text = await readFile(fileOf(name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Result);
}

async function write(name: string, result: Result): Promise<void> {
  const file = fileOf(name);
  await writeFile(`${file}.unfinished`, JSON.stringify(result, undefined, 2));
  await rename(`${file}.unfinished`, file);
}

function fileOf(name: string): string {
  return join(folder, `${name.replaceAll(/[^a-z0-9.]+/gi, "-")}.json`);
}

/** Names the state of everything that a result speaks of. */
async function digest(): Promise<string> {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const each of glob(tested, { cwd: projectDir, withFileTypes: true })) {
    if (each.isFile()) files.push(join(each.parentPath, each.name));
  }
  for (const file of files.sort()) hash.update(`${file.slice(projectDir.length)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}
