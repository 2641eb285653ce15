import process from "node:process";
import yargs, { type Argv } from "yargs";
import { AppError, ConfigError } from "../errors.ts";
import { flags, type Given } from "../settings.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { commandIn, suggest } from "./suggest.ts";

type Chosen = { readonly command: Command; readonly given: Given };

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
  if (argv.some((word) => /^--folder(=|$)/.test(word))) throw refuse("Unknown argument: folder");
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
      .epilogue("Each flag is also an environment variable: --custody-namespace is VAULT_HOOKS_CUSTODY_NAMESPACE.")
      // yargs would accept --no-output and --output.a, and ignore them
      .parserConfiguration({ "boolean-negation": false, "camel-case-expansion": false, "dot-notation": false })
      .fail((message, error) => {
        throw error instanceof AppError ? error : refuse(message ?? error.message);
      })
  );
}

function addCommand(cli: Argv, command: Command, choose: (given: Given) => void): Argv {
  const options = Object.fromEntries(
    command.flags.map((name) => {
      const flag = flags[name];
      const shown = flag.default === undefined ? "" : ` [${flag.default}]`;
      return [name, { describe: flag.describe + shown, type: "string", requiresArg: true } as const];
    }),
  );
  const folder = { type: "string", describe: `${flags.config.describe}, like --config` } as const;
  return cli.command(
    command.takesFolder ? `${command.name} [folder]` : command.name,
    command.describe,
    (sub) => (command.takesFolder ? sub.positional("folder", folder) : sub).options(options),
    (args) => choose(givenIn(command, args)),
  );
}

function givenIn(command: Command, args: Readonly<Record<string, unknown>>): Given {
  const given: Given = {};
  for (const name of [...command.flags, "folder"] as const) {
    // a flag that is given twice counts as its last value, as in most programs
    const value = [args[name]].flat().at(-1);
    if (typeof value === "string") given[name] = value;
  }
  return given;
}

/** Returns the error for a command line that yargs does not accept. */
function refusal(message: string, argv: readonly string[], commands: readonly Command[]): ConfigError {
  const unknown = /^Unknown arguments?: (.*)/.exec(message)?.[1]?.split(", ") ?? [];
  const mistyped = unknown.filter((name) => argv.some((word) => word.replace(/^-+/, "").split("=")[0] === name));
  if (mistyped.length === 0) return new ConfigError(`command line: ${message}`, { todo: suggest(commands, argv, []) });
  const areArguments = mistyped.every((word) => argv.includes(word));
  const expected = areArguments && commandIn(argv, commands)?.takesFolder ? ", expected at most one folder" : "";
  const cause = `unknown argument${mistyped.length === 1 ? "" : "s"}: ${mistyped.join(", ")}${expected}`;
  return new ConfigError(`command line: ${cause}`, { todo: suggest(commands, argv, mistyped) });
}
