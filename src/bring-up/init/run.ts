import { isDeepStrictEqual } from "node:util";
import type { Cluster } from "../../connect/connection.ts";
import { amendRecord } from "../../custody/record.ts";
import { DeniedError } from "../../errors.ts";
import type { BringUp, Outcome } from "../context.ts";
import { observeAndPlan, reconcile, type Work } from "../reconcile.ts";
import type { ClusterState } from "../state.ts";
import { initialise } from "./initialise.ts";
import { type InitChange, planInit } from "./plan.ts";
import { recreate } from "./recreate.ts";

const work: Work<InitChange> = {
  goal: "every pod and volume of Vault to be accounted for",
  scope: { storage: true, journal: true },
  plan: planInit,
  apply,
};

/**
 * Initialises Vault once, if no data can be lost, and stores the keys in custody.
 * Can be run again at any time: it first finishes what an earlier run began.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each names the obstacle and what to do about it
 */
export async function init(bringUp: BringUp): Promise<Outcome> {
  await ensureCustodyNamespace(bringUp.cluster);
  return await reconcile(bringUp, work);
}

/** In the cluster, hooks/ creates it. If this run may not create namespaces, a missing one fails the first write. */
async function ensureCustodyNamespace({ kube, run }: Cluster): Promise<void> {
  if (kube.inCluster) return;
  await kube.ensureNamespace(run.settings.custodyNamespace).catch((error: unknown) => {
    if (!(error instanceof DeniedError)) throw error;
  });
}

async function apply(
  bringUp: BringUp,
  change: InitChange & { readonly state: ClusterState },
  lost: AbortSignal,
): Promise<string | undefined> {
  const stillSo = () => isStillPlanned(bringUp, change, lost);
  switch (change.act) {
    case "finish":
      return await finish(bringUp, change.state);
    case "archive":
      if (!(await stillSo())) return undefined;
      return await archive(bringUp, change.state, change.fingerprint);
    case "recreate":
      if (!(await stillSo())) return undefined;
      await recreate(bringUp, change.state, change.pods);
      return `deleted the unused volumes of intent ${change.intent}`;
    case "initialise": {
      const fingerprint = await initialise(bringUp, change.state, change, stillSo);
      return fingerprint === undefined ? undefined : `initialised ${change.pod}, keys ${fingerprint}`;
    }
  }
}

/** Observes again. A run that was frozen may have lost the Lease, and another run may have made this change, or a later one. */
async function isStillPlanned(bringUp: BringUp, change: InitChange, lost: AbortSignal): Promise<boolean> {
  const { signal } = bringUp.cluster.run.deadline;
  const again = await observeAndPlan(bringUp, work);
  const isSame = isDeepStrictEqual({ ...again, state: undefined }, { ...change, state: undefined });
  return isSame && !signal.aborted && !lost.aborted;
}

async function finish({ cluster, custody }: BringUp, { record }: ClusterState): Promise<string> {
  const { kube, run } = cluster;
  const keys = await custody.finish();
  const fingerprint = keys?.fingerprint ?? "";
  if (keys !== undefined) await amendRecord(kube, run.settings.custodyNamespace, { fingerprint }, record?.intent);
  run.log.info({ where: custody.where, fingerprint }, "finished an earlier init");
  return `finished an earlier init, keys ${fingerprint}`;
}

async function archive({ cluster, custody }: BringUp, state: ClusterState, fingerprint: string): Promise<string> {
  await custody.archive(fingerprint);
  if (state.rootTokenId !== undefined) await custody.dropRootToken(state.rootTokenId);
  cluster.run.log.warn({ fingerprint }, "moved the keys of the lost storage to the archive");
  return `archived keys ${fingerprint}`;
}
