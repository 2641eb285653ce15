import { planVault } from "../configure/configure.ts";
import { planJson, renderPlan } from "../configure/render.ts";
import { withConnection } from "../connect/connection.ts";
import { loadDesired } from "../desired/load.ts";
import { warn } from "../desired/warnings.ts";
import { ExitCode } from "../errors.ts";
import { exitCodeOf } from "../plan-apply/exit-code.ts";
import { troublesOf } from "../plan-apply/troubles.ts";
import { type Command, clusterFlags } from "./command.ts";

export const plan: Command = {
  name: "plan",
  describe: "Show the changes that configure would make; exit 0 if there are none, 10 if there are any",
  flags: [...clusterFlags, "config", "concurrency", "token-file", "kubernetes-host"],
  takesFolder: true,
  async run(run) {
    const desired = await loadDesired(run.settings.config);
    warn(run.log, desired.warnings);
    const found = await withConnection(run, (cluster) => planVault(cluster, desired));
    run.print(run.settings.output === "json" ? planJson(found) : renderPlan(found, run.settings.color));
    const code = exitCodeOf(troublesOf(found));
    if (code !== ExitCode.done) return code;
    return found.changes.length > 0 ? ExitCode.changes : ExitCode.done;
  },
};
