import { expect, it } from "vitest";
import type { Command } from "../../../src/commands/command.ts";
import { runCommand } from "../../../src/commands/run-command.ts";
import { ExitCode } from "../../../src/errors.ts";
import { createLogger } from "../../../src/logger.ts";
import { readSettings } from "../../../src/settings.ts";
import { deadlineIn } from "../../../src/util/deadline.ts";

it.each([
  ["10", ExitCode.changes, 10],
  ["0", ExitCode.changes, 0],
  ["0", ExitCode.done, 0],
  ["0", ExitCode.notReady, 3],
  ["0", ExitCode.denied, 5],
] as const)(
  "with --changes-exit-code=%s, a command that ends with %i exits with %i",
  async (flag, ending, expected) => {
    const command: Command = { name: "test", describe: "", flags: [], run: async () => ending };
    const run = {
      settings: readSettings({ "changes-exit-code": flag }, false, {}),
      log: createLogger({ level: "error", output: "json", color: false }, () => {}),
      deadline: deadlineIn(1000),
      stop: new AbortController().signal,
      print: () => {},
    };

    expect(await runCommand(command, run)).toBe(expected);
  },
);
