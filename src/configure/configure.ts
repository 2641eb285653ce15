import { activeMember } from "../connect/active-member.ts";
import type { Cluster } from "../connect/connection.ts";
import { underLease } from "../connect/lease.ts";
import type { Desired } from "../desired/load.ts";
import { missingPolicyWarnings, warn } from "../desired/warnings.ts";
import { AppError, DeniedError } from "../errors.ts";
import type { Item } from "../kinds/model/kind.ts";
import { checkLogin } from "../login/check.ts";
import { readerLogin, writerLogin } from "../login/definition.ts";
import { withLogin, withReader } from "../login/login.ts";
import { requireOwnCustody } from "../login/own-custody.ts";
import { planRepair, repairLogin } from "../login/repair.ts";
import { retireRootToken } from "../login/retire-root-token.ts";
import { type Applied, apply } from "../plan-apply/apply.ts";
import type { Settled } from "../plan-apply/ledger/ledger.ts";
import { observeLeftOvers } from "../plan-apply/ledger/left-over.ts";
import { ensureLedger, type OpenLedger, openLedger, type RunResult, saveLedger } from "../plan-apply/ledger/store.ts";
import { needsLedger } from "../plan-apply/ledger/write-only-changes.ts";
import { cachedReader, type LiveState, type Observed, observe } from "../plan-apply/observe.ts";
import { type Plan, plan } from "../plan-apply/plan.ts";
import { readSecrets } from "../plan-apply/secret-values.ts";
import { checkPeers } from "../raft/check.ts";
import { noRemoval, removePeers } from "../raft/remove.ts";
import type { Hold } from "../util/serial-queue.ts";
import type { Vault } from "../vault/client.ts";
import type { VaultApplied, VaultPlan } from "./peers.ts";
import { itemsWithSecrets, secretsToPlan } from "./secrets.ts";

export type Configured = {
  readonly plan: VaultPlan;
  readonly applied: VaultApplied;
  /** Why the ledger could not be saved; undefined if it was. */
  readonly ledgerError: AppError | undefined;
};

/**
 * Applies the desired state to Vault, writing only what differs. Before that it creates or repairs the login of vault-hooks.
 * Last, it removes the dead Raft peers that Git declares, since that may have to wait.
 *
 * Refuses a custody namespace that belongs to another Vault, before a token is sent or anything is changed. Reads every Secret that a
 * value comes from before it writes anything of the desired state.
 *
 * @param onPlan receives the plan before anything in it is written; changes to the login are not included
 */
export async function configureVault(
  cluster: Cluster,
  desired: Desired,
  onPlan: (plan: VaultPlan) => void,
): Promise<Configured> {
  const { log, settings } = cluster.run;
  const deadPeers = desired.recovery.removePeers ?? [];
  const active = await activeMember(cluster);
  await refuseOtherCustody(cluster, active);
  await retireRootToken(cluster, active, desired.items);
  const reading = inBackground(readSecrets(cluster, desired.items));
  return await withLogin(cluster, active, writerLogin, async (vault) => {
    const opening = inBackground(openLedger(cluster, active));
    const checking = inBackground(checkPeers(cluster, vault, deadPeers));
    const live = await observeVault(cluster, vault, desired);
    const items = itemsWithSecrets(desired.items, await reading, settings.namespace);
    const opened = await opening;
    const { concurrency } = settings;
    const reader = cachedReader(vault);
    const kubernetesHost = await checkLogin(cluster, reader, opened.ledger?.kubernetesHost);
    const { leftOver, gone } = await observeLeftOvers(reader, opened.ledger, items, concurrency);
    const planned = { ...plan(items, live, opened.ledger, leftOver), peers: await checking };
    onPlan(planned);
    const unchanged = unchangedIn(items, planned);
    const ledger = await ensureLedger(cluster, opened, unchanged);
    const exclusively: Hold = (act) => underLease(cluster, act);
    const applied = await apply(vault, planned, { log, concurrency, exclusively });
    const settled = [...unchanged, ...appliedIn(items, applied)];
    const ledgerError = await trySaveLedger(cluster, ledger, { settled, declared: items, gone, kubernetesHost });
    const removal = planned.peers.removals.length > 0 ? await removePeers(cluster, vault, deadPeers) : noRemoval;
    return { plan: planned, applied: { ...applied, removal }, ledgerError };
  });
}

/**
 * Refuses a custody namespace that belongs to another Vault. If the record of init does not say whose it is, only the ledger does.
 * Sends no token.
 */
async function refuseOtherCustody(cluster: Cluster, active: Vault): Promise<void> {
  if (!(await requireOwnCustody(cluster, active))) await openLedger(cluster, active);
}

/** Reads the declared objects. If the login had drifted, repairs it and reads them again, because reads may have been denied. */
async function observeVault(cluster: Cluster, vault: Vault, desired: Desired): Promise<LiveState> {
  const { concurrency } = cluster.run.settings;
  const firstReader = cachedReader(vault);
  // the login rarely drifts, so the objects are read without waiting for this check
  const observing = inBackground(observe(firstReader, desired.items, concurrency));
  const repair = await planRepair(cluster, firstReader, writerLogin);
  const intact = repair.changes.length === 0;
  if (!intact) await repairLogin(cluster, vault, repair);
  const reader = intact ? firstReader : cachedReader(vault);
  warn(cluster.run.log, await missingPolicyWarnings(desired, reader));
  return intact ? await observing : await observe(reader, desired.items, concurrency);
}

/** Marks a rejection as handled, because the promise may be awaited late or never. */
function inBackground<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Plans what configureVault would change, the login of vault-hooks included. Writes nothing. */
export async function planVault(cluster: Cluster, desired: Desired): Promise<VaultPlan> {
  const active = await activeMember(cluster);
  await refuseOtherCustody(cluster, active).catch(unlessDenied);
  const { log, settings } = cluster.run;
  const { items, failed } = await secretsToPlan(cluster, desired.items);
  return await withReader(cluster, active, async (vault, usesHookLogin) => {
    const reader = cachedReader(vault);
    const opening = inBackground(openLedgerToPlan(cluster, active, items));
    const observing = inBackground(observe(reader, items, settings.concurrency));
    const checking = inBackground(checkPeers(cluster, vault, desired.recovery.removePeers ?? []));
    const repairs = usesHookLogin ? (await planRepair(cluster, reader, readerLogin)).changes : [];
    warn(log, await missingPolicyWarnings(desired, reader));
    const ledger = (await opening)?.ledger;
    if (usesHookLogin) await checkLogin(cluster, reader, ledger?.kubernetesHost);
    const { leftOver } = await observeLeftOvers(reader, ledger, items, settings.concurrency);
    const live: LiveState = new Map<string, Observed>([...(await observing), ...failed]);
    const planned = plan(items, live, ledger, leftOver);
    const changes = [...repairs, ...planned.changes].sort((a, b) => (a.item.path < b.item.path ? -1 : 1));
    return { ...planned, changes, peers: await checking };
  });
}

/** Whoever may not read the record may not read the root token and the ledger either, which are used only with it. */
function unlessDenied(error: unknown): void {
  if (!(error instanceof DeniedError)) throw error;
}

/** Whoever runs `plan` need not be allowed to read custody, unless a write-only field is declared. */
async function openLedgerToPlan(
  cluster: Cluster,
  active: Vault,
  items: readonly Item[],
): Promise<OpenLedger | undefined> {
  try {
    return await openLedger(cluster, active);
  } catch (error) {
    if (!(error instanceof DeniedError) || needsLedger(items)) throw error;
    cluster.run.log.warn(
      { error: error.message },
      "cannot read the ledger, so objects that are left over are not listed",
    );
    return undefined;
  }
}

function unchangedIn(items: readonly Item[], { changes, refusals, unreadable, blocked }: Plan): Settled[] {
  const touchedPaths = new Set([...changes, ...refusals, ...unreadable, ...blocked].map(({ item }) => item.path));
  return items.filter(({ path }) => !touchedPaths.has(path)).map((item) => ({ item, op: "none" }));
}

/** The declared items of the applied changes. The items of the changes themselves have ids in place of references. */
function appliedIn(items: readonly Item[], { done }: Applied): Settled[] {
  const ops = new Map(done.map(({ item, op }) => [item.path, op]));
  return items.flatMap((item) => {
    const op = ops.get(item.path);
    return op === undefined ? [] : [{ item, op }];
  });
}

/** @returns the error instead of throwing it, because the caller must still report what was applied */
async function trySaveLedger(cluster: Cluster, ledger: OpenLedger, result: RunResult): Promise<AppError | undefined> {
  try {
    await saveLedger(cluster, ledger, result);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
