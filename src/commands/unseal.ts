import { withBringUp } from "../bring-up/context.ts";
import { unseal as unsealVault } from "../bring-up/unseal/run.ts";
import { ExitCode } from "../errors.ts";
import { type Command, clusterFlags } from "./command.ts";
import { printOutcome } from "./print-outcome.ts";

export const unseal: Command = {
  name: "unseal",
  hook: "unseal",
  describe: "Unseal every sealed member with the keys in custody",
  flags: clusterFlags,
  async run(run) {
    printOutcome(run, "unseal", await withBringUp(run, {}, unsealVault));
    return ExitCode.done;
  },
};
