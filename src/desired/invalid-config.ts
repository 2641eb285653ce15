import { ConfigError } from "../errors.ts";
import { describeProblem, type Problem } from "./problem.ts";

const todoOfApply =
  "Correct it and run this again. Nothing was applied. `vault-hooks validate` checks the configuration without Vault.";

/** The configuration is invalid. Reports all its problems at once. */
export class InvalidConfig extends ConfigError {
  readonly problems: readonly Problem[];

  /** @param todo for commands that apply nothing anyway */
  constructor(folder: string, problems: readonly Problem[], todo = todoOfApply) {
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    super(
      `the configuration in ${folder} has ${count}:\n${problems.map((each) => `  ${describeProblem(each)}`).join("\n")}`,
      { todo },
    );
    this.problems = problems;
  }
}
