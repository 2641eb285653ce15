import process from "node:process";
import yargs, { type Argv } from "yargs";
import { AppError, ConfigError } from "../errors.ts";
import { type FlagsGiven, flags } from "../settings.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { commandIn, suggest } from "./suggest.ts";

declare module "yargs" {
  // missing in @types/yargs 17
  interface Argv<T> {
    usageConfiguration(configuration: { readonly "hide-types": boolean }): Argv<T>;
  }
}

/** Every command has the flag of the example. */
const environmentNote = "Each flag can also be set by an environment variable: --log-level is VAULT_HOOKS_LOG_LEVEL.";

type Chosen = { readonly command: Command; readonly given: FlagsGiven };

/**
 * Parses the command line. Prints the help or the version if it asks for one.
 *
 * @returns the command and its flags; undefined after --help and --version
 * @throws ConfigError if the command line is wrong
 */
export async function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
): Promise<Chosen | undefined> {
  const refuse = (message: string) => refusal(message, argv, commands);
  // yargs would not run a command after it
  if (argv.includes("--")) throw refuse("unexpected argument: --");
  // yargs would take it for the argument of that name
  if (argv.some((word) => /^--folder(=|$)/.test(word))) throw refuse("unknown flag: --folder");
  let chosen: Chosen | undefined;
  const parser = commands.reduce(
    (cli, command) => addCommand(cli, command, (given) => (chosen = { command, given })),
    base(argv, refuse),
  );
  await parser.parseAsync();
  return chosen;
}

function base(argv: readonly string[], refuse: (message: string) => ConfigError): Argv {
  const { isTTY, columns } = process.stdout;
  return (
    yargs(argv)
      .scriptName("vault-hooks")
      .usage("$0 <command>\n\nBring up HashiCorp Vault on Kubernetes and configure it from Git.")
      .version(version)
      .alias("help", "h")
      .demandCommand(1, "expected a command")
      .strict()
      .exitProcess(false)
      .showHelpOnFail(false)
      .wrap(isTTY ? Math.min(110, columns) : 110)
      .epilogue(environmentNote)
      // every flag takes a string, so the types say nothing
      .usageConfiguration({ "hide-types": true })
      // yargs would accept --no-output and --output.a, and ignore them
      .parserConfiguration({ "boolean-negation": false, "camel-case-expansion": false, "dot-notation": false })
      .fail((message, error) => {
        throw error instanceof AppError ? error : refuse(message ?? error.message);
      })
  );
}

function addCommand(cli: Argv, command: Command, choose: (given: FlagsGiven) => void): Argv {
  const options = Object.fromEntries(
    command.flags.map((name) => {
      const flag = flags[name];
      const text = command.describeFlags?.[name] ?? flag.describe;
      const describe = flag.default === undefined ? text : `${text} (default: ${flag.default})`;
      return [name, { describe, type: "string", requiresArg: true } as const];
    }),
  );
  const folder = { type: "string", describe: "Same as --config" } as const;
  return cli.command(
    command.takesFolder ? `${command.name} [folder]` : command.name,
    command.describe,
    (sub) => (command.takesFolder ? sub.positional("folder", folder) : sub).options(options).epilogue(environmentNote),
    (args) => choose(givenIn(command, args)),
  );
}

function givenIn(command: Command, args: Readonly<Record<string, unknown>>): FlagsGiven {
  const given: FlagsGiven = {};
  for (const name of [...command.flags, "folder"] as const) {
    // a flag that is given twice counts as its last value, as in most programs
    const value = [args[name]].flat().at(-1);
    if (typeof value === "string") given[name] = value;
  }
  return given;
}

/** Returns the error for a command line that yargs does not accept. */
function refusal(message: string, argv: readonly string[], commands: readonly Command[]): ConfigError {
  const names = /^Unknown arguments?: (.*)/.exec(message)?.[1]?.split(", ") ?? [];
  const withoutValue = /^Not enough arguments following: (.*)/.exec(message)?.[1];
  const unknown = names.filter((name) => argv.some((word) => nameOf(word) === name));
  const known = withoutValue === undefined ? message.replace(/^Unknown/, "unknown") : `--${withoutValue} needs a value`;
  const cause = unknown.length === 0 ? known : describeUnknown(unknown, argv, commandIn(argv, commands));
  return new ConfigError(`command line: ${cause}`, { todo: suggest(commands, argv, unknown) });
}

/** @returns the name of a flag without its dashes and value; an argument as it is */
function nameOf(word: string): string | undefined {
  return word.replace(/^-+/, "").split("=")[0];
}

function describeUnknown(unknown: readonly string[], argv: readonly string[], command: Command | undefined): string {
  const words = unknown.filter((name) => argv.includes(name));
  // without a command no flag is known
  if (command === undefined && words[0] !== undefined) return `unknown command: ${words[0]}`;
  const typed = argv.filter((word) => word.startsWith("-") && unknown.includes(nameOf(word) ?? ""));
  const flagNames = typed.map((word) => word.split("=")[0]);
  const expected = command?.takesFolder ? ", expected at most one folder" : "";
  return [
    ...(flagNames.length === 0 ? [] : [`unknown flag${flagNames.length === 1 ? "" : "s"}: ${flagNames.join(", ")}`]),
    ...(words.length === 0
      ? []
      : [`unexpected argument${words.length === 1 ? "" : "s"}: ${words.join(", ")}${expected}`]),
  ].join("; ");
}
