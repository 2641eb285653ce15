import type { Outcome } from "../bring-up/context.ts";
import type { Run } from "../run.ts";

/**
 * Prints what a bring-up command did: a line for a person, with a second line for a warning; one object for a program.
 * Notes the warning, which VaultHealth then shows.
 */
export function printOutcome({ settings, print, note }: Run, command: string, outcome: Outcome): void {
  if (outcome.warning !== undefined) note({ message: outcome.warning });
  print(settings.output === "json" ? `${JSON.stringify({ command, ...outcome })}\n` : text(command, outcome));
}

function text(command: string, { changed, why, warning }: Outcome): string {
  const more = warning === undefined ? "" : `${command}: warning: ${warning}\n`;
  return `${command}: ${[...changed, why].join("; ")}\n${more}`;
}
