import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "./cluster/paths.ts";
import { failuresOf, type Report } from "./helpers/failures.ts";

/**
 * Runs test suites one after another. At the end it names each failed test with its reason; the last line of the output is
 * `N passed, N failed`, the sum of all suites. Usage: tsx test/run.ts unit integration e2e
 */
type Count = { passed: number; failed: number; skipped: number; failures: readonly string[] };

const suites = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "vault-hooks-test-"));
const total = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
for (const suite of suites) {
  const count = await runSuite(suite);
  console.log(`\n${suite}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  total.failures.push(...count.failures);
}
await rm(folder, { recursive: true });

if (total.failures.length > 0) console.log(`${total.failures.join("\n")}\n`);
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
  return await readCount(suite, file, code);
}

/** Counts one failure for a suite that fails without a failed test, such as after a crash or a failed setup. */
async function readCount(suite: string, file: string, code: number | null): Promise<Count> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`FAILED  ${suite}: vitest wrote no report (exit code ${code})`],
    };
  }
  const report: Report = JSON.parse(text);
  const outside = code !== 0 && report.numFailedTests === 0;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + (outside ? 1 : 0),
    skipped: report.numPendingTests,
    failures: [
      ...failuresOf(report, projectDir),
      ...(outside ? [`vitest exited with ${code}, outside any test`] : []),
    ].map((each) => `FAILED  ${suite}: ${each}`),
  };
}
