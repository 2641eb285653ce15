import { loadDesired } from "../config/load.ts";
import { describeMissing } from "../config/policies.ts";
import { ExitCode } from "../errors.ts";
import type { Command, Run } from "../run.ts";

/** Checks the desired state, offline: no Vault and no Kubernetes is asked. */
export const validate: Command = {
  name: "validate",
  describe: "check the desired state, offline",
  flags: ["config", "output", "log-level"],
  async run({ settings, log, print }: Run) {
    const { items, missingPolicies, warnings } = await loadDesired(settings.config);
    const declared = items.map(({ path }) => path.replace("sys/policies/acl/", ""));
    for (const warning of [...warnings, ...missingPolicies.map((each) => describeMissing(each, declared))]) {
      log.warn({ warning }, "the configuration can be applied, but");
    }
    const text = `${settings.config} is valid: ${items.length} objects\n`;
    print(settings.output === "json" ? `${JSON.stringify({ valid: true, objects: items.length })}\n` : text);
    return ExitCode.done;
  },
};
