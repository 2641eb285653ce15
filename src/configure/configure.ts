import { activeMember } from "../connect/active-member.ts";
import type { Cluster } from "../connect/connection.ts";
import { underLease } from "../connect/lease.ts";
import type { Desired } from "../desired/load.ts";
import { warnOfMissing } from "../desired/warnings.ts";
import { AppError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { withLogin, withReader } from "../login/login.ts";
import { driftOfLogin, repairLogin } from "../login/repair.ts";
import { retireRoot } from "../login/retire-root.ts";
import { type Applied, apply } from "../plan-apply/apply.ts";
import { needsLedger, type Standing } from "../plan-apply/ledger/ledger.ts";
import { ensureLedger, keepLedger, type Opened, openLedger } from "../plan-apply/ledger/store.ts";
import { type LiveState, observe, viewOf } from "../plan-apply/observe.ts";
import { type Plan, plan } from "../plan-apply/plan.ts";
import type { Hold } from "../util/serial-queue.ts";
import type { Vault } from "../vault/client.ts";

export type Configured = {
  readonly plan: Plan;
  readonly applied: Applied;
  /** Why what was applied could not be recorded. */
  readonly unrecorded: AppError | undefined;
};

/**
 * Makes Vault hold what is declared, writing only what differs. Before anything that is declared it makes its own login, or puts that back.
 *
 * @param onPlan is told the plan before anything of it is written; its own login is no part of that
 */
export async function configureVault(
  cluster: Cluster,
  desired: Desired,
  onPlan: (plan: Plan) => void,
): Promise<Configured> {
  const { log, settings } = cluster.run;
  const { items } = desired;
  const active = await activeMember(cluster);
  await retireRoot(cluster, active, items);
  return await withLogin(cluster, active, async (vault) => {
    const opening = begun(openLedger(cluster, active));
    const live = await observeVault(cluster, vault, desired);
    const opened = await opening;
    const planned = plan(items, live, opened.ledger);
    onPlan(planned);
    const standing = unchanged(items, planned);
    const ledger = await ensureLedger(cluster, opened, standing);
    const exclusively: Hold = (act) => underLease(cluster, act);
    const applied = await apply(vault, planned, { log, concurrency: settings.concurrency, exclusively });
    const unrecorded = await keep(cluster, ledger, [...standing, ...brought(items, applied)]);
    return { plan: planned, applied, unrecorded };
  });
}

/** What Vault holds of what is declared, seen by a login that is as it was made. */
async function observeVault(cluster: Cluster, vault: Vault, desired: Desired): Promise<LiveState> {
  const { concurrency } = cluster.run.settings;
  const first = viewOf(vault);
  // beside the look at the login, which is hardly ever changed; what was seen by one that was, counts for nothing
  const seeing = begun(observe(first, desired.items, concurrency));
  const drift = await driftOfLogin(cluster, first);
  const isSound = drift.changes.length === 0;
  if (!isSound) await repairLogin(cluster, vault, drift);
  const live = isSound ? first : viewOf(vault);
  await warnOfMissing(cluster.run.log, desired, live);
  return isSound ? await seeing : await observe(live, desired.items, concurrency);
}

/** For what goes on beside something else: how it ends is told where it is awaited, which may be never. */
function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** What configureVault would do, to its own login too; writes nothing. */
export async function planVault(cluster: Cluster, desired: Desired): Promise<Plan> {
  const active = await activeMember(cluster);
  const { items } = desired;
  const { log, settings } = cluster.run;
  return await withReader(cluster, active, async (vault, isLogin) => {
    const live = viewOf(vault);
    const opening = begun(needsLedger(items) ? openLedger(cluster, active) : Promise.resolve(undefined));
    const seeing = begun(observe(live, items, settings.concurrency));
    const own = isLogin ? (await driftOfLogin(cluster, live)).changes : [];
    await warnOfMissing(log, desired, live);
    const found = plan(items, await seeing, (await opening)?.ledger);
    const changes = [...own, ...found.changes].sort((a, b) => (a.item.path < b.item.path ? -1 : 1));
    return { ...found, changes };
  });
}

/** What is as it should be without this run. */
function unchanged(items: readonly Item[], { changes, refusals, unread, blocked }: Plan): Standing[] {
  const others = new Set([...changes, ...refusals, ...unread, ...blocked].map(({ item }) => item.path));
  return items.filter(({ path }) => !others.has(path)).map((item) => ({ item, did: "nothing" }));
}

/** What this run brought about; as it was declared, since a change names ids in the place of references. */
function brought(items: readonly Item[], { done }: Applied): Standing[] {
  const did = new Map(done.map(({ item, op }) => [item.path, op]));
  return items.flatMap((item) => {
    const op = did.get(item.path);
    return op === undefined ? [] : [{ item, did: op }];
  });
}

/** What was applied must be told even where it could not be recorded. */
async function keep(
  cluster: Cluster,
  ledger: Opened,
  standing: readonly Standing[],
): Promise<Configured["unrecorded"]> {
  try {
    await keepLedger(cluster, ledger, standing);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
