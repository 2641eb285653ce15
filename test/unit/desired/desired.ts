import { InvalidConfig } from "../../../src/desired/invalid-config.ts";
import { parseDesired } from "../../../src/desired/load.ts";
import { describeProblem } from "../../../src/desired/problem.ts";

/** The contents of files by their names. */
type Texts = Readonly<Record<string, string>>;

/** The desired state of a configuration. */
export function desiredOf(files: Texts) {
  return parseDesired("config", new Map(Object.entries(files)));
}

/** The mistakes in a configuration, one line each; none if it is valid. */
export function mistakesOf(files: Texts): string[] {
  try {
    desiredOf(files);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfig) return error.problems.map(describeProblem);
    throw error;
  }
}

/** The mistakes in one file, `a.yaml`. */
export function mistakesIn(yaml: string): string[] {
  return mistakesOf({ "a.yaml": yaml });
}
