import { stat } from "node:fs/promises";
import { init as initVault } from "../cluster/init.ts";
import type { Recovery } from "../cluster/state.ts";
import { withBringUp } from "../cluster/with-bring-up.ts";
import { loadRecovery } from "../config/load.ts";
import { ExitCode } from "../errors.ts";
import { type Command, clusterFlags } from "../run.ts";
import { answer } from "./answer.ts";

export const init: Command = {
  name: "init",
  describe: "Initialise Vault once, and keep its keys in custody",
  flags: [...clusterFlags, "shares", "threshold", "config"],
  async run(run) {
    const recovery = await recoveryIn(run.settings.config);
    answer(run, "init", await withBringUp(run, recovery, initVault));
    return ExitCode.done;
  },
};

/** From a laptop init needs no desired state: without the folder there is no word to heed. */
async function recoveryIn(folder: string): Promise<Recovery> {
  const missing = await stat(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  );
  return missing ? {} : await loadRecovery(folder);
}
