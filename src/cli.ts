#!/usr/bin/env node
import process from "node:process";
import { longestHeldMs } from "./bring-up/time-limits.ts";
import { parseCommandLine } from "./commands/command-line.ts";
import { commands } from "./commands/index.ts";
import { runCommand } from "./commands/run-command.ts";
import { ExitCode } from "./errors.ts";
import { runToExit } from "./exit.ts";
import { createLogger } from "./logger.ts";
import { redact } from "./redact.ts";
import { readSettings } from "./settings.ts";
import { deadlineIn } from "./util/deadline.ts";

// standard output holds the output of the command, standard error its log
const toStdout = (text: string) => void process.stdout.write(redact(text));
const toStderr = (line: string) => void process.stderr.write(line);

const terminal = process.stdout.isTTY === true;
/** Until the settings are known. */
const defaultLog = createLogger({ level: "info", output: terminal ? "table" : "json", color: false }, toStderr);

void runToExit(main, { log: defaultLog, longestHeldMs });

async function main(stop: AbortSignal): Promise<ExitCode> {
  const chosen = await parseCommandLine(process.argv.slice(2), commands);
  if (chosen === undefined) return ExitCode.done;
  const settings = readSettings(chosen.given, terminal);
  const { logLevel: level, output, color } = settings;
  const log = createLogger({ level, output, color }, toStderr);
  const deadline = deadlineIn(settings.timeoutMs, stop);
  return await runCommand(chosen.command, { settings, log, deadline, stop, print: toStdout });
}
