import type { Command } from "../run.ts";

/** Every verb, in the order of --help. A new command is one file and one line here. */
export const commands: readonly Command[] = [];
