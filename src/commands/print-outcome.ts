import type { Outcome } from "../bring-up/context.ts";
import type { Run } from "../run.ts";

/** Prints what a bring-up command did: one line for a person, one object for a program. */
export function printOutcome({ settings, print }: Run, command: string, { changed, why }: Outcome): void {
  const json = settings.output === "json";
  print(json ? `${JSON.stringify({ command, changed, why })}\n` : `${command}: ${[...changed, why].join("; ")}\n`);
}
