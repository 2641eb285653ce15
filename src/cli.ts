import process from "node:process";
import yargs, { type Argv } from "yargs";
import { longestHeldMs } from "./bring-up/time-limits.ts";
import type { Command } from "./commands/command.ts";
import { commands } from "./commands/index.ts";
import { suggest } from "./commands/suggest.ts";
import { AppError, ConfigError, ExitCode, NotReadyError } from "./errors.ts";
import { createLogger, type Logger } from "./logger.ts";
import { redact } from "./redact.ts";
import { type FlagName, flags, readSettings } from "./settings.ts";
import { isHeld, stopOnSignals } from "./signals.ts";
import { deadlineIn } from "./util/deadline.ts";
import { version } from "./version.ts";

/** The one place that ends the process. Standard output holds the answer of a command, standard error its log. */
const stop = stopOnSignals((exitCode) => process.exit(exitCode));

let bug: ExitCode = ExitCode.done;
// a bug must not end what holds the only copy of the keys either
process.on("uncaughtException", (error) => {
  bug = report(fallbackLog(), error);
  if (!isHeld()) process.exit(bug);
  // what waits for the code that failed waits for ever
  setTimeout(() => process.exit(bug), longestHeldMs);
});

// a reader that has gone must not end what is under way; that an answer could not be written is told where it can be
let unwritten: Error | undefined;
process.stderr.on("error", () => undefined);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || unwritten !== undefined) return;
  unwritten = error;
  process.exitCode = report(fallbackLog(), new NotReadyError(`write to standard output: ${error.message}`));
});

const terminal = process.stdout.isTTY === true;
const fallbackLog = () => createLogger({ level: "info", output: terminal ? "table" : "json", color: false }, toStderr);
let isAtEnd = false;
// what waits for something that nothing can bring any more would end as if it were done
process.once("beforeExit", () => {
  if (!isAtEnd) process.exitCode = report(fallbackLog(), new Error("nothing is left that could go on with the run"));
});
void runToTheEnd();

async function runToTheEnd(): Promise<void> {
  const ended = await main(process.argv.slice(2)).catch((error: unknown) => report(fallbackLog(), error));
  isAtEnd = true;
  process.exitCode = unwritten === undefined ? ended || bug : ExitCode.notReady;
  // a slow reader is waited for, and not a connection that is still being made to a server that does not answer
  await Promise.all([written(process.stdout), written(process.stderr)]);
  setTimeout(() => process.exit(), 500).unref();
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => void stream.write("", () => done()));
}

async function main(argv: string[]): Promise<ExitCode> {
  let chosen: (() => Promise<ExitCode>) | undefined;
  const parser = commands.reduce(
    (cli, command) => addCommand(cli, command, (given) => (chosen = () => runCommand(command, given))),
    base(argv),
  );
  // whatever comes after it would be left unread, and a command there not be run
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
      // a flag is written in one way: --no-output and --output.a would be taken and not heeded
      .parserConfiguration({ "boolean-negation": false, "camel-case-expansion": false, "dot-notation": false })
      .fail((message, error) => {
        throw error instanceof AppError ? error : refused(message ?? error.message, argv);
      })
  );
}

/** Whatever yargs does not take is the command line's fault, and never a bug. */
function refused(message: string, argv: string[]): ConfigError {
  const unknown = /^Unknown arguments?: (.*)/.exec(message)?.[1]?.split(", ") ?? [];
  const mistyped = unknown.filter((name) => argv.some((word) => word.replace(/^-+/, "").split("=")[0] === name));
  const about = mistyped.length === 0 ? message : `found ${mistyped.join(", ")}, which means nothing there`;
  return new ConfigError(`command line: ${about}`, { todo: suggest(commands, argv, mistyped) });
}

type Given = Partial<Record<FlagName, string>>;

function addCommand(cli: Argv, command: Command, choose: (given: Given) => void): Argv {
  const options = Object.fromEntries(
    command.flags.map((name) => {
      const flag: { describe: string; default?: string } = flags[name];
      const shown = flag.default === undefined ? "" : ` [${flag.default}]`;
      return [name, { describe: flag.describe + shown, type: "string", requiresArg: true } as const];
    }),
  );
  return cli.command(
    command.name,
    command.describe,
    (sub) => sub.options(options),
    (args) => choose(Object.fromEntries(command.flags.map((name) => [name, last(args[name])])) as Given),
  );
}

/** A flag that is given twice counts as its last value, as shells' users expect. */
function last(value: unknown): string | undefined {
  const one = Array.isArray(value) ? value.at(-1) : value;
  return typeof one === "string" ? one : undefined;
}

async function runCommand(command: Command, given: Given): Promise<ExitCode> {
  const settings = readSettings(given, terminal);
  const log = createLogger({ level: settings.logLevel, output: settings.output, color: settings.color }, toStderr);
  const deadline = deadlineIn(settings.timeoutMs, stop);
  try {
    return await command.run({ settings, log, deadline, print: (text) => void process.stdout.write(redact(text)) });
  } catch (error) {
    return report(log, error);
  }
}

function report(log: Logger, error: unknown): ExitCode {
  if (!(error instanceof AppError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    log.error({ stack, exitCode: ExitCode.bug }, "this is a bug in vault-hooks; please report it");
    return ExitCode.bug;
  }
  const { exitCode, message, todo } = error;
  log.error({ exitCode, error: message, ...(todo === undefined ? {} : { todo }) }, "failed");
  return exitCode;
}

function toStderr(line: string): void {
  process.stderr.write(line);
}
