import type { Command } from "../run.ts";
import { init } from "./init.ts";
import { join } from "./join.ts";
import { status } from "./status.ts";
import { unseal } from "./unseal.ts";

/** Every verb, in the order of --help. A new command is one file and one line here. */
export const commands: readonly Command[] = [init, unseal, join, status];
