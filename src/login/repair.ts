import type { Cluster } from "../connect/connection.ts";
import type { Live } from "../kinds/model/kind.ts";
import { apply } from "../plan-apply/apply.ts";
import { observe } from "../plan-apply/observe.ts";
import { type Plan, plan } from "../plan-apply/plan.ts";
import { failuresOf, troubleOf } from "../plan-apply/troubles.ts";
import type { Vault } from "../vault/client.ts";
import { loginDefinition, loginServiceAccount } from "./definition.ts";

/**
 * What of the login of vault-hooks itself is no longer as it was made: its policy, its role's bindings, or how its mount is
 * tuned. Whoever changes those gives others a way in that is as strong as root, so each such thing is warned of.
 * Where Vault finds the API server is left as it is: only the first `configure` is told that.
 *
 * @param live by a token of that login
 * @returns what may be put back; nothing where this run came in as another ServiceAccount, which that would lock out
 */
export async function driftOfLogin({ run }: Cluster, live: Live): Promise<Plan> {
  const { namespace, kubernetesHost, concurrency } = run.settings;
  const items = loginDefinition(namespace, kubernetesHost).filter(({ desired }) => !("kubernetes_host" in desired));
  const found = plan(items, await observe(live, items, concurrency));
  for (const { path, error } of troubleOf(found)) {
    run.log.warn({ path, error: error.message }, "cannot see whether the login of vault-hooks is as it was made");
  }
  if (found.changes.length === 0) return found;
  const mine = await isOfLogin(live.vault, namespace);
  for (const { item, fields } of found.changes) {
    const changed = fields.map(({ field }) => field);
    const then = mine ? "" : "; it is left so, since this run came in as another ServiceAccount";
    run.log.warn({ path: item.path, changed }, `somebody changed the login of vault-hooks, as strong as root${then}`);
  }
  return mine ? found : { ...found, changes: [] };
}

/** Whether what will be put back lets the one in who puts it back. */
async function isOfLogin(vault: Vault, namespace: string): Promise<boolean> {
  const answer = await vault.read("auth/token/lookup-self");
  const { meta } = (answer?.["data"] ?? {}) as { meta?: Readonly<Record<string, unknown>> | null };
  return meta?.["service_account_name"] === loginServiceAccount && meta["service_account_namespace"] === namespace;
}

/**
 * Puts the login of vault-hooks back as it was made.
 * @param drift as driftOfLogin found it
 * @throws the first failure: a login that others can use must not stay
 */
export async function repairLogin({ run }: Cluster, vault: Vault, drift: Plan): Promise<void> {
  const { log, settings } = run;
  const { concurrency } = settings;
  const applied = await apply(vault, drift, { log, concurrency, exclusively: (act) => act() });
  const [failed] = failuresOf(applied);
  if (failed !== undefined) throw failed.error;
  log.warn({ paths: applied.done.map(({ item }) => item.path) }, "put the login of vault-hooks back as it was made");
}
