import { type Desired, loadDesired } from "../config/load.ts";
import { describeMissing } from "../config/policies.ts";
import { ExitCode } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { policyPath } from "../resources/policy.ts";
import type { Command, Run } from "../run.ts";

export const validate: Command = {
  name: "validate",
  describe: "Check the desired state, offline: no Vault and no Kubernetes is asked",
  flags: ["config", "output", "log-level"],
  async run({ settings, log, print }: Run) {
    const desired = await loadDesired(settings.config);
    warnOf(log, desired);
    const objects = desired.items.length;
    const text = `${settings.config} is valid: ${objects} objects\n`;
    print(settings.output === "json" ? `${JSON.stringify({ valid: true, objects })}\n` : text);
    return ExitCode.done;
  },
};

/** Says what can be applied, and is probably not what was meant. */
export function warnOf(log: Logger, { items, missingPolicies, warnings }: Desired): void {
  const prefix = policyPath("");
  const declared = items.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  for (const warning of [...warnings, ...missingPolicies.map((each) => describeMissing(each, declared))]) {
    log.warn({ warning }, "the configuration can be applied, but look at this");
  }
}
