import type { Cluster } from "../connect/connection.ts";
import type { LiveReader } from "../kinds/model/kind.ts";
import { apply } from "../plan-apply/apply.ts";
import { observe } from "../plan-apply/observe.ts";
import { type Plan, plan } from "../plan-apply/plan.ts";
import { failuresOf, troublesOf } from "../plan-apply/troubles.ts";
import { logWarnings } from "../plan-apply/warnings.ts";
import type { Vault } from "../vault/client.ts";
import { type Login, loginDefinition, logins } from "./definition.ts";

/**
 * Plans the repair of the login of vault-hooks: its policies, its roles' bindings, how its mount is tuned. Whoever changes
 * these opens a way in that is as strong as root, so each drift is logged as a warning. A role or policy that is missing opens
 * none: an older version has not made it. checkLogin looks at the mount's config, which is never repaired.
 *
 * @param reader reads with a token of that login
 * @param login as which this run has logged in
 * @returns the repair; without changes if this run logged in as a different ServiceAccount, which the repair would lock out
 */
export async function planRepair({ run }: Cluster, reader: LiveReader, login: Login): Promise<Plan> {
  const { namespace, kubernetesHost, concurrency } = run.settings;
  const items = loginDefinition(namespace, kubernetesHost).filter(({ desired }) => !("kubernetes_host" in desired));
  const planned = plan(items, await observe(reader, items, concurrency));
  for (const { path, error } of troublesOf(planned)) {
    run.log.warn({ path, error: error.message }, "cannot check the login of vault-hooks for drift");
  }
  logWarnings(run.log, planned.warnings);
  if (planned.changes.length === 0) return planned;
  const canRepair = await isServiceAccountOf(login, reader.vault, namespace);
  for (const { op, item, fields } of planned.changes) {
    if (op === "create") {
      run.log.info({ path: item.path }, "missing in the login of vault-hooks; configure adds it");
      continue;
    }
    const changed = fields.map(({ field }) => field);
    const note = canRepair ? "" : "; not repaired, since this run logged in as a different ServiceAccount";
    run.log.warn({ path: item.path, changed }, `drift in the login of vault-hooks, which is as strong as root${note}`);
  }
  return canRepair ? planned : { ...planned, changes: [] };
}

/** Whether the token's ServiceAccount can still log in after the repair. */
async function isServiceAccountOf({ serviceAccount }: Login, vault: Vault, namespace: string): Promise<boolean> {
  const answer = await vault.read("auth/token/lookup-self");
  const { meta } = (answer?.["data"] ?? {}) as { meta?: Readonly<Record<string, unknown>> | null };
  return meta?.["service_account_name"] === serviceAccount && meta["service_account_namespace"] === namespace;
}

/**
 * Repairs the login of vault-hooks.
 *
 * @param repair from planRepair
 * @throws the first failure, because a login that others can use must not stay
 */
export async function repairLogin({ kube, run }: Cluster, vault: Vault, repair: Plan): Promise<void> {
  const { log, settings } = run;
  const { concurrency, namespace } = settings;
  // in the cluster hooks/ declares them, and this program may not create ServiceAccounts
  if (!kube.inCluster)
    for (const { serviceAccount } of logins) await kube.ensureServiceAccount(namespace, serviceAccount);
  const applied = await apply(vault, repair, { log, concurrency, exclusively: (act) => act() });
  logWarnings(log, applied.warnings);
  const [failed] = failuresOf(applied);
  if (failed !== undefined) throw failed.error;
  const repaired = applied.done.filter(({ op }) => op !== "create").map(({ item }) => item.path);
  if (repaired.length > 0) log.warn({ paths: repaired }, "repaired the login of vault-hooks");
}
