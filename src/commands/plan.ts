import { planVault } from "../configure/configure.ts";
import { differencesIn, findingsOf } from "../configure/counts.ts";
import { allTroublesOf } from "../configure/peers.ts";
import { planJson, renderPlan } from "../configure/render.ts";
import { withConnection } from "../connect/connection.ts";
import { loadDesired } from "../desired/load.ts";
import { warn } from "../desired/warnings.ts";
import { ExitCode } from "../errors.ts";
import { exitCodeOf } from "../plan-apply/exit-code.ts";
import { type Command, clusterFlags } from "./command.ts";
import { noteTroubles } from "./note-troubles.ts";

export const plan: Command = {
  name: "plan",
  hook: "plan",
  describe: "Show the changes that configure would make; exit 0 if there are none, 10 if there are any",
  flags: [...clusterFlags, "config", "concurrency", "token-file", "kubernetes-host", "changes-exit-code"],
  takesFolder: true,
  async run(run) {
    const desired = await loadDesired(run.settings.config);
    warn(run.log, desired.warnings);
    const found = await withConnection(run, (cluster) => planVault(cluster, desired));
    run.print(run.settings.output === "json" ? planJson(found) : renderPlan(found, run.settings.color));
    const troubles = allTroublesOf(found);
    noteTroubles(run, troubles);
    if (troubles.length > 0) return exitCodeOf(troubles);
    const findings = findingsOf(found);
    if (findings !== undefined) run.note({ message: findings });
    return differencesIn(found) === 0 ? ExitCode.done : ExitCode.changes;
  },
};
