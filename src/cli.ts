import process from "node:process";
import yargs, { type Argv } from "yargs";
import { longestHeldMs } from "./bring-up/time-limits.ts";
import type { Command } from "./commands/command.ts";
import { commands } from "./commands/index.ts";
import { suggest } from "./commands/suggest.ts";
import { AppError, ConfigError, ExitCode } from "./errors.ts";
import { reportError, runToExit } from "./exit.ts";
import { createLogger } from "./logger.ts";
import { redact } from "./redact.ts";
import { flags, type Given, readSettings } from "./settings.ts";
import { deadlineIn } from "./util/deadline.ts";
import { version } from "./version.ts";

const terminal = process.stdout.isTTY === true;
const toStderr = (line: string) => void process.stderr.write(line);
const log = createLogger({ level: "info", output: terminal ? "table" : "json", color: false }, toStderr);

void runToExit((stop) => main(process.argv.slice(2), stop), { log, longestHeldMs });

/** Standard output holds the output of the command, standard error its log. */
async function main(argv: string[], stop: AbortSignal): Promise<ExitCode> {
  let chosen: (() => Promise<ExitCode>) | undefined;
  const parser = commands.reduce(
    (cli, command) => addCommand(cli, command, (given) => (chosen = () => runCommand(command, given, stop))),
    base(argv),
  );
  // yargs would not run a command after it
  if (argv.includes("--")) throw refused("found --, which means nothing here", argv);
  await parser.parseAsync();
  return chosen === undefined ? ExitCode.done : await chosen();
}

function base(argv: string[]): Argv {
  return (
    yargs(argv)
      .scriptName("vault-hooks")
      .usage("$0 <command>\n\nVault on Kubernetes, stood up and kept by Git alone.")
      .version(version)
      .alias("help", "h")
      .demandCommand(1, "expected a command")
      .strict()
      .exitProcess(false)
      .showHelpOnFail(false)
      .wrap(terminal ? Math.min(110, process.stdout.columns) : 110)
      .epilogue("Each flag is also an environment variable: --custody-namespace is VAULT_HOOKS_CUSTODY_NAMESPACE.")
      // yargs would accept --no-output and --output.a, and ignore them
      .parserConfiguration({ "boolean-negation": false, "camel-case-expansion": false, "dot-notation": false })
      .fail((message, error) => {
        throw error instanceof AppError ? error : refused(message ?? error.message, argv);
      })
  );
}

/** Returns the error for a command line that yargs does not accept. */
function refused(message: string, argv: string[]): ConfigError {
  const unknown = /^Unknown arguments?: (.*)/.exec(message)?.[1]?.split(", ") ?? [];
  const mistyped = unknown.filter((name) => argv.some((word) => word.replace(/^-+/, "").split("=")[0] === name));
  const about = mistyped.length === 0 ? message : `found ${mistyped.join(", ")}, which means nothing there`;
  return new ConfigError(`command line: ${about}`, { todo: suggest(commands, argv, mistyped) });
}

function addCommand(cli: Argv, command: Command, choose: (given: Given) => void): Argv {
  const options = Object.fromEntries(
    command.flags.map((name) => {
      const flag = flags[name];
      const shown = flag.default === undefined ? "" : ` [${flag.default}]`;
      return [name, { describe: flag.describe + shown, type: "string", requiresArg: true } as const];
    }),
  );
  return cli.command(
    command.name,
    command.describe,
    (sub) => sub.options(options),
    (args) => choose(givenIn(command, args)),
  );
}

function givenIn(command: Command, args: Readonly<Record<string, unknown>>): Given {
  const given: Given = {};
  for (const name of command.flags) {
    // a flag that is given twice counts as its last value, as in most programs
    const value = [args[name]].flat().at(-1);
    if (typeof value === "string") given[name] = value;
  }
  return given;
}

async function runCommand(command: Command, given: Given, stop: AbortSignal): Promise<ExitCode> {
  const settings = readSettings(given, terminal);
  const log = createLogger({ level: settings.logLevel, output: settings.output, color: settings.color }, toStderr);
  const deadline = deadlineIn(settings.timeoutMs, stop);
  try {
    return await command.run({ settings, log, deadline, print: (text) => void process.stdout.write(redact(text)) });
  } catch (error) {
    return reportError(log, error);
  }
}
