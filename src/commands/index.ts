import { bootstrap } from "./bootstrap.ts";
import type { Command } from "./command.ts";
import { configure } from "./configure.ts";
import { init } from "./init.ts";
import { join } from "./join.ts";
import { plan } from "./plan.ts";
import { schema } from "./schema.ts";
import { status } from "./status.ts";
import { unseal } from "./unseal.ts";
import { validate } from "./validate.ts";
import { watch } from "./watch.ts";

/** Every command, in the order of --help. A new command is one file and one line here. */
export const commands: readonly Command[] = [
  init,
  unseal,
  join,
  configure,
  bootstrap,
  watch,
  plan,
  status,
  validate,
  schema,
];
