import { randomUUID } from "node:crypto";
import type { InitAnswer } from "../../custody/custody.ts";
import { amendRecord, beginRecord, type InitRecord } from "../../custody/record.ts";
import { deadlineIn } from "../../util/deadline.ts";
import { keepTrying } from "../../util/keep-trying.ts";
import type { BringUp } from "../context.ts";
import type { ClusterState } from "../state.ts";
import { keepAnswerMs } from "../time-limits.ts";
import { answerLost, callInit, type InitRequest } from "./call.ts";
import { storageOf } from "./plan.ts";
import { uninterrupted } from "./uninterrupted.ts";

/**
 * Initialises Vault at one pod: proves that the answer can be kept, leaves a record of what is intended, looks a last
 * time, calls, and keeps the answer. Run it under the Lease.
 *
 * @param stillSo looks again and tells whether all is as it was decided on
 * @returns the fingerprint of the new keys, or undefined if it was not so any more
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
  // no Vault is left that it could belong to: every pod is empty, and there are no keys
  await custody.dropRootToken();
  await custody.prove();
  await beginRecord(cluster.kube, custodyNamespace, {
    intent: request.intent,
    statefulSet: state.statefulSetUid,
    namespace: state.namespace,
    name: state.statefulSet,
    storage: storageOf(state),
    shares,
    threshold,
    time: new Date().toISOString(),
  });
  if (!(await stillSo())) return undefined;
  cluster.run.log.info({ pod, shares, threshold, intent: request.intent }, "initialising");
  return await uninterrupted(bringUp, (held) => callAndKeep(held, pod, request));
}

/** @returns undefined without having called, if another run has begun an attempt of its own */
async function callAndKeep(held: BringUp, pod: string, request: InitRequest): Promise<string | undefined> {
  const { cluster, custody } = held;
  const { kube, run, members } = cluster;
  const note = (learnt: Partial<InitRecord>) =>
    amendRecord(kube, run.settings.custodyNamespace, learnt, request.intent);
  const vault = await members.connect(pod, 120_000);
  if (!(await note({ calledAt: new Date().toISOString() }))) return undefined;
  const undone = async () => {
    await note({ calledAt: "" }).catch((error: Error) => run.log.warn({ error: error.message }, "cannot note that"));
  };
  const answer = await callInit(vault, request, undone);
  const { fingerprint } = answer.keys;
  // an answer that is not what was asked for is kept too, and judged by finish
  await journal(held, pod, request, answer);
  // from here on nothing can be lost: what does not succeed now is finished by the next run
  run.log.info({ pod, fingerprint }, "initialised");
  await note({ fingerprint });
  await custody.finish();
  run.log.info({ where: custody.where, fingerprint }, "kept the keys");
  return fingerprint;
}

/** Until it is written, the answer exists in this process alone. */
async function journal(
  { cluster, custody }: BringUp,
  pod: string,
  request: InitRequest,
  answer: InitAnswer,
): Promise<void> {
  // it begins only now: however long the call took, the answer is held as long
  const deadline = deadlineIn(keepAnswerMs);
  try {
    await keepTrying("the answer of init to be written", deadline, cluster.run.log, () => custody.journal(answer));
  } catch (error) {
    const lost = answerLost(pod, request, error);
    // a Lease that was lost meanwhile would be told in its place
    cluster.run.log.error({ error: lost.message }, "the answer of init is lost");
    throw lost;
  }
}
