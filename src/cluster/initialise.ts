import { randomUUID } from "node:crypto";
import type { InitAnswer } from "../custody/custody.ts";
import { amendRecord, beginRecord } from "../custody/record.ts";
import type { BringUp } from "./context.ts";
import { callInit, type InitRequest } from "./init-call.ts";
import { insist } from "./insist.ts";
import { lasting } from "./lasting.ts";
import { storageOf } from "./plan-init.ts";
import type { ClusterState } from "./state.ts";

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
    storage: storageOf(state),
    shares,
    threshold,
    time: new Date().toISOString(),
  });
  if (!(await stillSo())) return undefined;
  cluster.run.log.info({ pod, shares, threshold, intent: request.intent }, "initialising");
  return await lasting(bringUp, (held) => callAndKeep(held, pod, request));
}

async function callAndKeep(held: BringUp, pod: string, request: InitRequest): Promise<string> {
  const { run, reach } = held.cluster;
  const answer = await callInit(await reach.member(pod, 120_000), request);
  const { fingerprint } = answer.keys;
  run.log.info({ pod, fingerprint }, "initialised");
  await keep(held, answer);
  run.log.info({ where: held.custody.where, fingerprint }, "kept the keys");
  return fingerprint;
}

async function keep({ cluster, custody }: BringUp, answer: InitAnswer): Promise<void> {
  const { kube, run } = cluster;
  const { custodyNamespace } = run.settings;
  const { fingerprint } = answer.keys;
  await insist("the answer of init to be kept", run.deadline, run.log, () => custody.journal(answer));
  await insist("the record to be written", run.deadline, run.log, () =>
    amendRecord(kube, custodyNamespace, { fingerprint }),
  );
  await insist("the keys to be written", run.deadline, run.log, () => custody.finish());
}
