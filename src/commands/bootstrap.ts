import { loadDesired } from "../desired/load.ts";
import { ExitCode } from "../errors.ts";
import type { Command } from "./command.ts";
import { configure } from "./configure.ts";
import { init } from "./init.ts";
import { join } from "./join.ts";
import { unseal } from "./unseal.ts";

const steps: readonly Command[] = [init, unseal, join, configure];

export const bootstrap: Command = {
  name: "bootstrap",
  describe: "Validate the desired state, then run init, unseal, join and configure",
  flags: [...new Set(steps.flatMap(({ flags }) => flags))],
  takesFolder: true,
  async run(run) {
    // so that a mistake is found before Vault is initialised
    await loadDesired(run.settings.config);
    for (const step of steps) {
      run.log.info({ step: step.name }, "begin");
      const code = await step.run(run);
      if (code !== ExitCode.done) return code;
    }
    return ExitCode.done;
  },
};
