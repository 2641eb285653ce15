import { randomUUID } from "node:crypto";
import type { InitResponse } from "../../custody/custody.ts";
import { amendRecord, beginRecord, type InitRecord } from "../../custody/record.ts";
import { deadlineIn } from "../../util/deadline.ts";
import { keepTrying } from "../../util/keep-trying.ts";
import type { BringUp } from "../context.ts";
import type { ClusterState } from "../state.ts";
import { keepResponseMs } from "../time-limits.ts";
import { callInit, type InitRequest, responseLost } from "./call.ts";
import { storageOf } from "./plan.ts";
import { uninterrupted } from "./uninterrupted.ts";

/**
 * Initialises Vault at one pod: proves that custody can store the response, records the intent, calls Vault, and stores the
 * response. Must run under the Lease. Observes again before each of these steps, because a run that was frozen may have lost the
 * Lease without noticing it yet.
 *
 * @param state what was observed before; only the root token and the record in it are deleted and replaced
 * @param stillSo observes again and returns whether the plan is still to initialise
 * @returns the fingerprint of the new keys; undefined if the plan has changed
 */
export async function initialise(
  bringUp: BringUp,
  state: ClusterState,
  { pod, autoUnseal }: { readonly pod: string; readonly autoUnseal: boolean },
  stillSo: () => Promise<boolean>,
): Promise<string | undefined> {
  const { cluster, custody } = bringUp;
  const { shares, threshold, custodyNamespace } = cluster.run.settings;
  const request = { intent: randomUUID(), shares, threshold, autoUnseal };
  const record: InitRecord = {
    intent: request.intent,
    statefulSet: state.statefulSetUid,
    namespace: state.namespace,
    name: state.statefulSet,
    storage: storageOf(state),
    shares,
    threshold,
    time: new Date().toISOString(),
  };
  await custody.proveWritable();
  if (!(await stillSo())) return undefined;
  // the token's Vault is gone, because every pod is empty and there are no keys
  if (state.rootTokenId !== undefined) await custody.dropRootToken(state.rootTokenId);
  if (!(await beginRecord(cluster.kube, custodyNamespace, record, state.record))) return undefined;
  if (!(await stillSo())) return undefined;
  cluster.run.log.info({ pod, shares, threshold, intent: request.intent }, "initialising");
  const podUid = state.members.find((member) => member.pod === pod)?.uid ?? "";
  return await uninterrupted(bringUp, (held) => callAndStore(held, { pod, podUid }, request));
}

/** @returns undefined, without a call, if another run has begun an attempt of its own */
async function callAndStore(
  held: BringUp,
  { pod, podUid }: { readonly pod: string; readonly podUid: string },
  request: InitRequest,
): Promise<string | undefined> {
  const { cluster, custody } = held;
  const { kube, run, members } = cluster;
  const amend = (changes: Partial<InitRecord>) =>
    amendRecord(kube, run.settings.custodyNamespace, changes, request.intent);
  const vault = await members.connect(pod, 120_000);
  if (!(await amend({ calledAt: new Date().toISOString(), calledPod: podUid }))) return undefined;
  const onNoEffect = async () => {
    const warn = (error: Error) => run.log.warn({ error: error.message }, "cannot record that init had no effect");
    await amend({ calledAt: "", calledPod: "" }).catch(warn);
  };
  const answer = await callInit(vault, request, onNoEffect);
  const { fingerprint } = answer.keys;
  // a response that does not match the request is stored too; finish refuses it
  await writeJournal(held, pod, request, answer);
  // from here on nothing can be lost, because the next run finishes whatever fails now
  run.log.info({ pod, fingerprint }, "initialised");
  await amend({ fingerprint });
  await custody.finish();
  run.log.info({ where: custody.where, fingerprint }, "stored the keys");
  return fingerprint;
}

/** Until the journal is written, this process holds the only copy of the response. */
async function writeJournal(
  { cluster, custody }: BringUp,
  pod: string,
  request: InitRequest,
  answer: InitResponse,
): Promise<void> {
  // starts now, so that the time of the call does not count
  const deadline = deadlineIn(keepResponseMs);
  try {
    await keepTrying("the response of init to be written", deadline, cluster.run.log, () => custody.journal(answer));
  } catch (error) {
    const lost = responseLost(pod, request, error);
    // logged here as well: if the Lease was lost too, the command reports only that error
    cluster.run.log.error({ error: lost.message }, "the response of init is lost");
    throw lost;
  }
}
