import { stripVTControlCharacters } from "node:util";
import { cacheDir, projectDir } from "../cluster/paths.ts";
import { attempt } from "../cluster/run.ts";

/**
 * Runs the whole e2e in a process of its own.
 *
 * @returns its summary. @throws Error with the end of its output if a test failed
 */
export async function runE2e(env: Readonly<Record<string, string>>): Promise<string> {
  const options = { cwd: projectDir, env, timeoutMs: 3_600_000 };
  const { code, stdout, stderr } = await attempt("node_modules/.bin/vitest", ["run", "--project", "e2e"], options);
  const summary = stdout
    .split("\n")
    .map(stripVTControlCharacters)
    .filter((line) => /^ *(Test Files|Tests) /.test(line));
  if (code !== 0) throw new Error(`the e2e exited with ${code}:\n${stdout.slice(-4000)}\n${stderr.slice(-2000)}`);
  return summary.join(" ").trim() || `passed; logs are in ${cacheDir}`;
}
