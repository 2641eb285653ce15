import { ConfigError } from "../errors.ts";
import { describeProblem, type Problem } from "./problem.ts";

/** The configuration is invalid. Reports all its problems at once. */
export class InvalidConfig extends ConfigError {
  readonly problems: readonly Problem[];

  constructor(folder: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    super(
      `the configuration in ${folder} has ${count}:\n${problems.map((each) => `  ${describeProblem(each)}`).join("\n")}`,
      { todo: "Correct it and run this again; nothing was applied. `vault-hooks validate` checks it without a Vault." },
    );
    this.problems = problems;
  }
}
