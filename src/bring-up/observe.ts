import type { NotYet } from "../connect/await-status.ts";
import type { Cluster } from "../connect/connection.ts";
import { isPodOf, ordinalOf } from "../connect/members.ts";
import { probeMember } from "../connect/probe-member.ts";
import type { KeyCustody } from "../custody/custody.ts";
import { ownerElsewhere } from "../custody/owner.ts";
import { readRecord, type StoredRecord } from "../custody/record.ts";
import { AppError, DeniedError } from "../errors.ts";
import type { Claim, Pod } from "../kube/kube.ts";
import type { ClusterState, Member, MemberClaim } from "./state.ts";

/** The pods, and the record of init: everything that is known without reading the keys. */
export type Pods = Pick<
  ClusterState,
  "namespace" | "statefulSet" | "statefulSetUid" | "replicas" | "members" | "record" | "otherOwner"
>;

/** Volume claims; the journal and the root token's ID. Only `init` needs them, and only its ServiceAccount may read them. */
export type Scope = { readonly storage: boolean; readonly journal: boolean };

/**
 * Reads every pod, volume claim and key. Changes nothing, and does not wait for pods: a member that does not answer is asked
 * again by the next observation.
 *
 * @throws DeniedError, NotReadyError if Kubernetes denies a request or does not answer; unreadable keys are part of the state
 */
export async function observe(cluster: Cluster, custody: KeyCustody, scope: Scope): Promise<ClusterState> {
  const { kube, run, statefulSet } = cluster;
  const { namespace, custodyNamespace } = run.settings;
  // first, so that a token which another run stores meanwhile is not taken for one of a Vault that was lost
  const rootTokenId = scope.journal ? await custody.rootTokenId() : undefined;
  const [pods, claims, keys, unfinished] = await Promise.all([
    readPods(cluster, readRecord(kube, custodyNamespace)),
    scope.storage ? kube.claims(namespace) : [],
    custody.findKeys(),
    scope.journal ? custody.hasJournal() : false,
  ]);
  const keysArchived = scope.journal && keys.kind === "keys" && (await custody.isArchived(keys.keys.fingerprint));
  return {
    ...pods,
    keysArchived,
    claims: claimsOf(statefulSet.name, statefulSet.claimTemplates, claims),
    custody: custody.where,
    keys,
    unfinished,
    rootTokenId,
  };
}

/**
 * Reads every pod. Needs no permissions in custody; without them the record is undefined.
 * @throws DeniedError, NotReadyError if Kubernetes denies the StatefulSet or its pods, or does not answer
 */
export async function observePods(cluster: Cluster): Promise<Pods> {
  const { kube, run } = cluster;
  const record = readRecord(kube, run.settings.custodyNamespace).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    run.log.debug({ error: error.message }, "cannot read the record of init");
    return undefined;
  });
  return await readPods(cluster, record);
}

async function readPods(cluster: Cluster, reading: Promise<StoredRecord | undefined>): Promise<Pods> {
  const { kube, run, statefulSet } = cluster;
  const { namespace } = run.settings;
  const [{ replicas, uid, members }, record] = await Promise.all([readMembers(), reading]);
  const otherOwner = await ownerElsewhere(kube, record, { namespace, name: statefulSet.name, uid });
  return { namespace, statefulSet: statefulSet.name, statefulSetUid: uid, replicas, members, record, otherOwner };

  async function readMembers() {
    const [found, pods] = await Promise.all([kube.statefulSet(namespace, statefulSet.name), kube.pods(namespace)]);
    const current = found ?? { replicas: 0, uid: statefulSet.uid };
    const members = await readStatuses(cluster, expectedPods(statefulSet.name, current.replicas, pods));
    return { replicas: current.replicas, uid: current.uid, members };
  }
}

type ExpectedPod = { readonly pod: string; readonly found: Pod | undefined };

/** The pods that a StatefulSet has or should have, sorted by ordinal: every one up to `replicas`, and those beyond that exist. */
export function expectedPods(statefulSet: string, replicas: number, pods: readonly Pod[]): ExpectedPod[] {
  const existing = pods.filter(({ name }) => isPodOf(statefulSet, name));
  const byName = new Map(existing.map((pod) => [pod.name, pod]));
  const wanted = Array.from({ length: replicas }, (_, ordinal) => `${statefulSet}-${ordinal}`);
  return [...new Set([...wanted, ...byName.keys()])]
    .sort((a, b) => ordinalOf(a) - ordinalOf(b))
    .map((pod) => ({ pod, found: byName.get(pod) }));
}

async function readStatuses(cluster: Cluster, pods: readonly ExpectedPod[]): Promise<Member[]> {
  return await Promise.all(pods.map((pod) => readMember(cluster, pod)));
}

async function readMember(cluster: Cluster, { pod, found }: ExpectedPod): Promise<Member> {
  const uid = found?.uid;
  const without = (silence: string, absent: boolean): Member => ({ pod, uid, status: undefined, silence, absent });
  if (found === undefined) return without("there is no such pod", true);
  if (found.deleting) return without("it is being deleted", true);
  const status = await probeMember(cluster, pod).catch(denied);
  if ("notYet" in status) return without(found.reason ?? status.notYet, found.unschedulable);
  return { pod, uid, status, silence: undefined, absent: false };
}

/** A user who may not forward ports still sees the pods. */
function denied(error: unknown): NotYet {
  if (error instanceof DeniedError) return { notYet: error.message };
  throw error;
}

/** A StatefulSet names its claims TEMPLATE-POD. */
function claimsOf(statefulSet: string, templates: readonly string[], claims: readonly Claim[]): MemberClaim[] {
  return claims.flatMap(({ name, uid, deleting }) => {
    const template = templates.find((prefix) => name.startsWith(`${prefix}-${statefulSet}-`));
    const pod = template === undefined ? "" : name.slice(template.length + 1);
    return isPodOf(statefulSet, pod) ? [{ name, uid, pod, deleting }] : [];
  });
}
