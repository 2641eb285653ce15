import type { Cluster } from "../connect/connection.ts";
import type { LiveReader } from "../kinds/model/kind.ts";
import { apply } from "../plan-apply/apply.ts";
import { observe } from "../plan-apply/observe.ts";
import { type Plan, plan } from "../plan-apply/plan.ts";
import { failuresOf, troublesOf } from "../plan-apply/troubles.ts";
import { logWarnings } from "../plan-apply/warnings.ts";
import type { Vault } from "../vault/client.ts";
import { loginDefinition, loginServiceAccount } from "./definition.ts";

/**
 * Plans the repair of the login of vault-hooks: its policy, its role's bindings, how its mount is tuned. Whoever changes
 * these opens a way in that is as strong as root, so each drift is logged as a warning. checkLogin looks at the mount's config,
 * which is never repaired.
 *
 * @param reader reads with a token of that login
 * @returns the repair; without changes if this run logged in as a different ServiceAccount, which the repair would lock out
 */
export async function planRepair({ run }: Cluster, reader: LiveReader): Promise<Plan> {
  const { namespace, kubernetesHost, concurrency } = run.settings;
  const items = loginDefinition(namespace, kubernetesHost).filter(({ desired }) => !("kubernetes_host" in desired));
  const planned = plan(items, await observe(reader, items, concurrency));
  for (const { path, error } of troublesOf(planned)) {
    run.log.warn({ path, error: error.message }, "cannot check the login of vault-hooks for drift");
  }
  logWarnings(run.log, planned.warnings);
  if (planned.changes.length === 0) return planned;
  const canRepair = await isLoginServiceAccount(reader.vault, namespace);
  for (const { item, fields } of planned.changes) {
    const changed = fields.map(({ field }) => field);
    const note = canRepair ? "" : "; not repaired, since this run logged in as a different ServiceAccount";
    run.log.warn({ path: item.path, changed }, `drift in the login of vault-hooks, which is as strong as root${note}`);
  }
  return canRepair ? planned : { ...planned, changes: [] };
}

/** Whether the token's ServiceAccount can still log in after the repair. */
async function isLoginServiceAccount(vault: Vault, namespace: string): Promise<boolean> {
  const answer = await vault.read("auth/token/lookup-self");
  const { meta } = (answer?.["data"] ?? {}) as { meta?: Readonly<Record<string, unknown>> | null };
  return meta?.["service_account_name"] === loginServiceAccount && meta["service_account_namespace"] === namespace;
}

/**
 * Repairs the login of vault-hooks.
 *
 * @param repair from planRepair
 * @throws the first failure, because a login that others can use must not stay
 */
export async function repairLogin({ run }: Cluster, vault: Vault, repair: Plan): Promise<void> {
  const { log, settings } = run;
  const { concurrency } = settings;
  const applied = await apply(vault, repair, { log, concurrency, exclusively: (act) => act() });
  logWarnings(log, applied.warnings);
  const [failed] = failuresOf(applied);
  if (failed !== undefined) throw failed.error;
  log.warn({ paths: applied.done.map(({ item }) => item.path) }, "repaired the login of vault-hooks");
}
