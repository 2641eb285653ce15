#!/usr/bin/env node
import process from "node:process";
import { longestHeldMs } from "./bring-up/time-limits.ts";
import { parseCommandLine } from "./commands/command-line.ts";
import { commands } from "./commands/index.ts";
import { runCommand } from "./commands/run-command.ts";
import { ExitCode } from "./errors.ts";
import { runToExit } from "./exit.ts";
import { createLogger, type Logger } from "./logger.ts";
import { redactOutput } from "./redact.ts";
import { readSettings } from "./settings.ts";
import { deadlineIn } from "./util/deadline.ts";
import { listenForWarnings } from "./vault/warnings.ts";

// standard output holds the output of the command, standard error its log
const toStdout = (text: string) => void process.stdout.write(redactOutput(text));
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
  const run = { settings, log, deadline, stop, print: toStdout };
  return await listenForWarnings(warningLog(log), () => runCommand(chosen.command, run));
}

/** Logs warnings of Vault that belong to no object of the desired state, each once. */
function warningLog(log: Logger): (text: string, request: string) => void {
  const logged = new Set<string>();
  return (warning, request) => {
    const key = `${request}: ${warning}`;
    if (!logged.has(key)) log.warn({ request, warning }, "Vault warns");
    logged.add(key);
  };
}
