import { InvalidConfig } from "../desired/invalid-config.ts";
import { loadDesired } from "../desired/load.ts";
import { literalSecrets, missingPolicyWarnings, undeclaredNames, warn } from "../desired/warnings.ts";
import { ExitCode } from "../errors.ts";
import type { Run } from "../run.ts";
import type { Command } from "./command.ts";

export const validate: Command = {
  name: "validate",
  describe: "Validate the desired state offline, without Vault or Kubernetes",
  flags: ["config", "output", "log-level"],
  takesFolder: true,
  async run({ settings, log, print }: Run) {
    const desired = await loadDesired(settings.config).catch((error: unknown) =>
      throwWithoutApply(settings.config, error),
    );
    const { items, warnings } = desired;
    warn(log, [
      ...warnings,
      ...literalSecrets(items),
      ...undeclaredNames(items),
      ...(await missingPolicyWarnings(desired)),
    ]);
    const objects = items.length;
    const text = `${settings.config} is valid: ${objects} objects\n`;
    print(settings.output === "json" ? `${JSON.stringify({ valid: true, objects })}\n` : text);
    return ExitCode.done;
  },
};

/** validate applies nothing, and need not recommend itself. */
function throwWithoutApply(folder: string, error: unknown): never {
  if (!(error instanceof InvalidConfig)) throw error;
  throw new InvalidConfig(folder, error.problems, "Correct it and run this again.");
}
