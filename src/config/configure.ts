import { activeMember } from "../cluster/active.ts";
import { underLease } from "../cluster/lease.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { Item } from "../resources/kind.ts";
import { type Applied, apply } from "./apply.ts";
import { withLogin, withReader } from "./login.ts";
import { observe } from "./observe.ts";
import { type Plan, plan } from "./plan.ts";
import { retireRoot } from "./retire-root.ts";

/**
 * Makes Vault hold what is declared, writing only what differs.
 *
 * @param onPlan is told the plan before anything of it is written
 */
export async function configureVault(
  cluster: Cluster,
  items: readonly Item[],
  onPlan: (plan: Plan) => void,
): Promise<{ plan: Plan; applied: Applied }> {
  const { log, settings } = cluster.run;
  const active = await activeMember(cluster);
  await retireRoot(cluster, active, items);
  return await withLogin(cluster, active, async (vault) => {
    const planned = plan(items, await observe(vault, items, settings.concurrency));
    onPlan(planned);
    const exclusively = (act: () => Promise<void>) => underLease(cluster, act);
    return {
      plan: planned,
      applied: await apply(vault, planned, { log, concurrency: settings.concurrency, exclusively }),
    };
  });
}

/** What configureVault would do to what is declared; writes nothing but its own login. */
export async function planVault(cluster: Cluster, items: readonly Item[]): Promise<Plan> {
  const active = await activeMember(cluster);
  return await withReader(cluster, active, async (vault) =>
    plan(items, await observe(vault, items, cluster.run.settings.concurrency)),
  );
}
