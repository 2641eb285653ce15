import { InvalidConfig, parseDesired } from "../../../src/desired/load.ts";
import { describeProblem } from "../../../src/desired/problem.ts";

type Texts = Readonly<Record<string, string>>;

/** What a configuration of these files means: the text of each by its name. */
export function desiredOf(files: Texts) {
  return parseDesired("config", new Map(Object.entries(files)));
}

/** Its mistakes as they are told, one line each; none if it is right. */
export function mistakesOf(files: Texts): string[] {
  try {
    desiredOf(files);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfig) return error.problems.map(describeProblem);
    throw error;
  }
}

/** The mistakes of one file, `a.yaml`. */
export function mistakesIn(yaml: string): string[] {
  return mistakesOf({ "a.yaml": yaml });
}
