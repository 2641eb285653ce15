import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** The part of Vitest's JSON report that is read. @see https://vitest.dev/guide/reporters.html#json-reporter */
export type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly TestFile[];
};

type TestFile = {
  readonly name: string;
  readonly status: string;
  /** Why the file failed outside its tests, such as in an import or in a hook. */
  readonly message: string;
  readonly assertionResults: ReadonlyArray<{
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[] | null;
  }>;
};

/** Returns a line for each failed test, and for each file that failed outside its tests: its file, name and reason. Pure. */
export function failuresOf(report: Report, dir: string): string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(dir, name);
    const failed = assertionResults.filter((each) => each.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((each) => `${file} > ${each.fullName}: ${firstLine(each.failureMessages?.[0] ?? "no reason")}`);
  });
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).split("\n", 1)[0]?.slice(0, 500) ?? "";
}
