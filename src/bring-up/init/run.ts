import type { Cluster } from "../../connect/connection.ts";
import { amendRecord } from "../../custody/record.ts";
import { DeniedError } from "../../errors.ts";
import type { BringUp, Outcome } from "../context.ts";
import { observe } from "../observe.ts";
import { type Nothing, type Observed, type Refusal, reconcile } from "../reconcile.ts";
import { recordOpened } from "../record-opened.ts";
import type { Wait } from "../settle.ts";
import type { ClusterState } from "../state.ts";
import { initialise } from "./initialise.ts";
import { type InitStep, planInit } from "./plan.ts";
import { recreate } from "./recreate.ts";

type Change = Exclude<InitStep, Nothing | Refusal>;

/**
 * Initialises Vault once, if it is certain that there is nothing to lose, and sees to it that the keys are kept.
 * Can be run again at any time; what an earlier run left undone is finished first.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function init(bringUp: BringUp): Promise<Outcome> {
  await ensureCustodyNamespace(bringUp.cluster);
  return await reconcile<Change>(bringUp, {
    goal: "every pod and volume of Vault to be accounted for",
    look: () => look(bringUp),
    apply: (step, lost) => apply(bringUp, step, lost),
  });
}

/** In the cluster it stands in hooks/; who may not make namespaces is told by the first write if it is missing. */
async function ensureCustodyNamespace({ kube, run }: Cluster): Promise<void> {
  if (kube.inCluster) return;
  await kube.ensureNamespace(run.settings.custodyNamespace).catch((error: unknown) => {
    if (!(error instanceof DeniedError)) throw error;
  });
}

async function look(bringUp: BringUp): Promise<Observed<Change> | Wait> {
  const state = await observe(bringUp.cluster, bringUp.custody, { storage: true, journal: true });
  await recordOpened(bringUp, state);
  const step = planInit(state, bringUp.recovery);
  return step.act === "wait" ? step : { ...step, state };
}

async function apply(
  bringUp: BringUp,
  step: Change & { readonly state: ClusterState },
  lost: AbortSignal,
): Promise<string | undefined> {
  switch (step.act) {
    case "finish":
      return await finish(bringUp);
    case "archive":
      return await archive(bringUp, step.fingerprint);
    case "remake":
      await recreate(bringUp, step.state, step.pods);
      return `deleted the unused volumes of intent ${step.intent}`;
    case "initialise": {
      const fingerprint = await initialise(bringUp, step.state, step, () => stillInitialises(bringUp, lost));
      return fingerprint === undefined ? undefined : `initialised ${step.pod}, keys ${fingerprint}`;
    }
  }
}

async function stillInitialises(bringUp: BringUp, lost: AbortSignal): Promise<boolean> {
  const { signal } = bringUp.cluster.run.deadline;
  const step = await look(bringUp);
  return step.act === "initialise" && !signal.aborted && !lost.aborted;
}

async function finish({ cluster, custody }: BringUp): Promise<string> {
  const { kube, run } = cluster;
  const keys = await custody.finish();
  const fingerprint = keys?.fingerprint ?? "";
  if (keys !== undefined) await amendRecord(kube, run.settings.custodyNamespace, { fingerprint });
  run.log.info({ where: custody.where, fingerprint }, "finished what an earlier init had begun");
  return `finished an earlier init, keys ${fingerprint}`;
}

async function archive({ cluster, custody }: BringUp, fingerprint: string): Promise<string> {
  await custody.archive(fingerprint);
  await custody.dropRootToken();
  cluster.run.log.warn({ fingerprint }, "moved the keys of the lost storage to the archive");
  return `archived keys ${fingerprint}`;
}
