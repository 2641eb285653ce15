import { configureVault } from "../configure/configure.ts";
import { allFailuresOf, allTroublesOf } from "../configure/peers.ts";
import { appliedJson, planJson, renderApplied, renderPlan } from "../configure/render.ts";
import { activeMember } from "../connect/active-member.ts";
import { withConnection } from "../connect/connection.ts";
import { loadDesired } from "../desired/load.ts";
import { warn } from "../desired/warnings.ts";
import { AppError, ConfigError } from "../errors.ts";
import { retireRootToken } from "../login/retire-root-token.ts";
import { exitCodeOf } from "../plan-apply/exit-code.ts";
import { ledgerName } from "../plan-apply/ledger/store.ts";
import type { Run } from "../run.ts";
import { type Command, clusterFlags } from "./command.ts";
import { noteTroubles } from "./note-troubles.ts";

export const configure: Command = {
  name: "configure",
  hook: "configure",
  describe: "Apply the desired state to Vault: print the plan, then write only the differences",
  flags: [...clusterFlags, "config", "concurrency", "token-file", "kubernetes-host"],
  takesFolder: true,
  async run(run) {
    const desired = await loadDesired(run.settings.config).catch((error: unknown) => retireRootAndThrow(run, error));
    warn(run.log, desired.warnings);
    const json = run.settings.output === "json";
    const { plan, applied, ledgerError } = await withConnection(run, (cluster) =>
      configureVault(cluster, desired, (planned) =>
        run.print(json ? planJson(planned) : renderPlan(planned, run.settings.color)),
      ),
    );
    run.print(json ? appliedJson(applied) : renderApplied(applied, run.settings.color));
    const ledger = ledgerError === undefined ? [] : [{ kind: "ledger", path: ledgerName, error: ledgerError }];
    for (const { error } of ledger) {
      run.log.error({ error: error.message, todo: error.todo }, "cannot record the applied changes");
    }
    const troubles = [...allTroublesOf(plan), ...allFailuresOf(applied), ...ledger];
    noteTroubles(run, troubles);
    return exitCodeOf(troubles);
  },
};

/** Revokes the root token even if the configuration is wrong, because revoking does not need it (ADR 4). */
async function retireRootAndThrow(run: Run, mistake: unknown): Promise<never> {
  if (!(mistake instanceof ConfigError)) throw mistake;
  run.log.warn({ error: mistake.message }, "the configuration is not applied; only a root token is revoked");
  try {
    await withConnection(run, async (cluster) => retireRootToken(cluster, await activeMember(cluster), []));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log.warn({ error: error.message }, "cannot make sure that no root token is left");
  }
  throw mistake;
}
