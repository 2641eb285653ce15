import { nearest } from "../util/nearest.ts";
import type { Command } from "./command.ts";

/**
 * What to do about a command line that was refused: the nearest command or flag to what was mistyped, or where the help is.
 * Pure.
 *
 * @param argv the words of the command line
 * @param unknown those of them that mean nothing there, flags without their dashes
 */
export function suggest(
  commands: readonly Pick<Command, "name" | "flags">[],
  argv: readonly string[],
  unknown: readonly string[],
): string {
  const verb = commands.find(({ name }) => argv.includes(name));
  if (verb === undefined) return commandMeant(commands, argv.find((word) => !word.startsWith("-")) ?? "");
  const see = `See vault-hooks ${verb.name} --help.`;
  const [word] = unknown;
  if (word === undefined) return see;
  const near = nearest(word, verb.flags);
  if (near !== undefined && argv.some((each) => each.startsWith("-"))) return `Did you mean --${near}?`;
  const others = commands.filter(({ flags }) => (flags as readonly string[]).includes(word)).map(({ name }) => name);
  return others.length === 0 ? see : `--${word} is a flag of ${others.join(", ")}. ${see}`;
}

function commandMeant(commands: readonly Pick<Command, "name">[], word: string): string {
  const near = nearest(
    word,
    commands.map(({ name }) => name),
  );
  return near === undefined ? "See vault-hooks --help." : `Did you mean vault-hooks ${near}?`;
}
