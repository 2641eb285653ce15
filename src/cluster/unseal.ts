import { amendRecord } from "../custody/record.ts";
import type { BringUp, Outcome } from "./context.ts";
import { underLease } from "./lease.ts";
import { observe } from "./observe.ts";
import { planUnseal, type UnsealStep } from "./plan-unseal.ts";
import { settle, type Wait } from "./settle.ts";
import { type ClusterState, open } from "./state.ts";
import { unsealMember } from "./unseal-member.ts";

type Looked = UnsealStep & { readonly state: ClusterState };

/**
 * Opens every member that is initialised and sealed, one by one, and stops at the first that does not open or turns
 * out to be of another cluster. Members that are not initialised are left for `join`.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function unseal(bringUp: BringUp): Promise<Outcome> {
  const { deadline, log } = bringUp.cluster.run;
  const changed: string[] = [];
  for (;;) {
    const step = await settle("every member of Vault to be open", deadline, () => look(bringUp));
    if (step.act === "refuse") throw step.error;
    if (step.act === "nothing") {
      if (step.warning !== undefined) log.warn({ warning: step.warning }, "a member stays sealed");
      await noteCluster(bringUp, step.state);
      return { changed, why: step.why };
    }
    const did = await underLease(bringUp.cluster, () => applyAgain(bringUp));
    if (did !== undefined) changed.push(did);
  }
}

async function applyAgain(bringUp: BringUp): Promise<string | undefined> {
  const step = await look(bringUp);
  if (step.act !== "unseal") return undefined;
  await openMember(bringUp, step.state, step.pod);
  return `unsealed ${step.pod}`;
}

async function look({ cluster, custody }: BringUp): Promise<Looked | Wait> {
  const state = await observe(cluster, custody, { storage: false, journal: false });
  const step = planUnseal(state);
  return step.act === "wait" ? step : { ...step, state };
}

/** Opens one member by the keys of this state, and notes what is only known once it is open. */
export async function openMember(bringUp: BringUp, state: ClusterState, pod: string): Promise<void> {
  if (state.keys.kind !== "keys") return;
  const { run, reach } = bringUp.cluster;
  await noteUse(bringUp, state);
  const status = await unsealMember(await reach.member(pod), bringUp.custody, state.keys.keys, run.deadline);
  run.log.info({ pod, cluster: status.clusterId }, "unsealed");
  if (state.record !== undefined && state.record.clusterId === undefined) await noteId(bringUp, status);
}

/** Before the first share is sent: from now on this Vault may hold data, and is never made again unasked. */
async function noteUse({ cluster }: BringUp, { record }: ClusterState): Promise<void> {
  if (record === undefined || record.unsealedAt !== undefined) return;
  const { kube, run } = cluster;
  await amendRecord(kube, run.settings.custodyNamespace, { unsealedAt: new Date().toISOString() });
}

/** For a Vault that was opened by something else: its own seal, or a person. */
async function noteCluster(bringUp: BringUp, state: ClusterState): Promise<void> {
  const { record, members } = state;
  const first = open(members).find(({ status }) => status.clusterId !== undefined);
  if (first === undefined || record?.fingerprint === undefined || record.clusterId !== undefined) return;
  await noteUse(bringUp, state);
  await noteId(bringUp, first.status);
}

type Cluster = { readonly clusterId: string | undefined; readonly clusterName: string | undefined };

async function noteId({ cluster }: BringUp, { clusterId, clusterName }: Cluster): Promise<void> {
  const { kube, run } = cluster;
  await amendRecord(kube, run.settings.custodyNamespace, {
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(clusterName === undefined ? {} : { clusterName }),
  });
}
