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
  switch (change.act) {
    case "finish":
      return await finish(bringUp);
    case "archive":
      return await archive(bringUp, change.fingerprint);
    case "recreate":
      await recreate(bringUp, change.state, change.pods);
      return `deleted the unused volumes of intent ${change.intent}`;
    case "initialise": {
      const fingerprint = await initialise(bringUp, change.state, change, () => stillInitialises(bringUp, lost));
      return fingerprint === undefined ? undefined : `initialised ${change.pod}, keys ${fingerprint}`;
    }
  }
}

async function stillInitialises(bringUp: BringUp, lost: AbortSignal): Promise<boolean> {
  const { signal } = bringUp.cluster.run.deadline;
  const step = await observeAndPlan(bringUp, work);
  return step.act === "initialise" && !signal.aborted && !lost.aborted;
}

async function finish({ cluster, custody }: BringUp): Promise<string> {
  const { kube, run } = cluster;
  const keys = await custody.finish();
  const fingerprint = keys?.fingerprint ?? "";
  if (keys !== undefined) await amendRecord(kube, run.settings.custodyNamespace, { fingerprint });
  run.log.info({ where: custody.where, fingerprint }, "finished an earlier init");
  return `finished an earlier init, keys ${fingerprint}`;
}

async function archive({ cluster, custody }: BringUp, fingerprint: string): Promise<string> {
  await custody.archive(fingerprint);
  await custody.dropRootToken();
  cluster.run.log.warn({ fingerprint }, "moved the keys of the lost storage to the archive");
  return `archived keys ${fingerprint}`;
}
