import { ExitCode } from "../errors.ts";
import type { Trouble } from "./troubles.ts";

/** The most severe first: while one object needs a person, a retry cannot succeed. */
const bySeverity = [ExitCode.refused, ExitCode.denied, ExitCode.config, ExitCode.bug, ExitCode.notReady];

/** @returns the most severe exit code of all troubles; `done` if there are none */
export function exitCodeOf(troubles: readonly Trouble[]): ExitCode {
  const codes = new Set(troubles.map(({ error }) => error.exitCode));
  return bySeverity.find((code) => codes.has(code)) ?? ExitCode.done;
}
