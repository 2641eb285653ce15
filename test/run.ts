import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs test suites one after another. The last line of the output is `N passed, N failed`, the sum of all suites.
 * Usage: tsx test/run.ts unit integration e2e
 */
type Count = { passed: number; failed: number; skipped: number };
type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; success: boolean };

const suites = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "vault-hooks-test-"));
const total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  const count = await runSuite(suite);
  console.log(`\n${suite}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}
await rm(folder, { recursive: true });

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runSuite(suite: string): Promise<Count> {
  const file = join(folder, `${suite}.json`);
  const args = ["run", "--project", suite, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("node_modules/.bin/vitest", args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject).on("close", resolve);
  });
  return await readCount(file, code);
}

/** Counts one failure for a suite that fails without a failed test, such as after a crash or a failed setup. */
async function readCount(file: string, code: number | null): Promise<Count> {
  const report = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Report,
    () => undefined,
  );
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const suiteFailures = code !== 0 && report.numFailedTests === 0 ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + suiteFailures,
    skipped: report.numPendingTests,
  };
}
