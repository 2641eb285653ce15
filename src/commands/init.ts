import { existsSync } from "node:fs";
import { withBringUp } from "../bring-up/context.ts";
import { init as initVault } from "../bring-up/init/run.ts";
import type { Recovery } from "../custody/recovery.ts";
import { loadRecovery } from "../desired/load.ts";
import { ExitCode } from "../errors.ts";
import { flags } from "../settings.ts";
import { type Command, clusterFlags } from "./command.ts";
import { printOutcome } from "./print-outcome.ts";

export const init: Command = {
  name: "init",
  hook: "init",
  describe: "Initialise Vault once and store its keys in custody",
  flags: [...clusterFlags, "shares", "threshold", "config"],
  describeFlags: { config: "Folder of the desired state; init reads only its recovery declarations" },
  async run(run) {
    const recovery = await recoveryIn(run.settings.config);
    printOutcome(run, "init", await withBringUp(run, recovery, initVault));
    return ExitCode.done;
  },
};

/** init needs no desired state, so the default folder may be missing, but not one that was named. */
async function recoveryIn(folder: string): Promise<Recovery> {
  const optional = folder === flags.config.default;
  return optional && !existsSync(folder) ? {} : await loadRecovery(folder);
}
