import { nearest } from "../util/nearest.ts";
import type { Command } from "./command.ts";

/**
 * Returns a hint for a command line that was refused: the nearest command or flag, or the help to read. Pure.
 *
 * @param argv the words of the command line
 * @param unknown the words that mean nothing there, flags without their dashes
 */
export function suggest(
  commands: readonly Pick<Command, "name" | "flags">[],
  argv: readonly string[],
  unknown: readonly string[],
): string {
  const command = commandIn(argv, commands);
  if (command === undefined) return nearestCommand(commands, argv.find((word) => !word.startsWith("-")) ?? "");
  const see = `See vault-hooks ${command.name} --help.`;
  const [word] = unknown;
  if (word === undefined) return see;
  const near = nearest(word, command.flags);
  if (near !== undefined && argv.some((each) => each.startsWith("-"))) return `Did you mean --${near}?`;
  const others = commands.filter(({ flags }) => flags.some((flag) => flag === word)).map(({ name }) => name);
  return others.length === 0 ? see : `--${word} is a flag of ${others.join(", ")}. ${see}`;
}

/** Returns the command named by the first word that names one. A later word may be a folder of the same name. */
export function commandIn<C extends Pick<Command, "name">>(
  argv: readonly string[],
  commands: readonly C[],
): C | undefined {
  return argv.flatMap((word) => commands.filter(({ name }) => name === word))[0];
}

function nearestCommand(commands: readonly Pick<Command, "name">[], word: string): string {
  const near = nearest(
    word,
    commands.map(({ name }) => name),
  );
  return near === undefined ? "See vault-hooks --help." : `Did you mean vault-hooks ${near}?`;
}
