import type { Cluster } from "../connect/connection.ts";
import { readStatus } from "../connect/member-status.ts";
import { ordinalOf } from "../connect/members.ts";
import type { Custody } from "../custody/custody.ts";
import { type InitRecord, readRecord } from "../custody/record.ts";
import { AppError, ConfigError, DeniedError } from "../errors.ts";
import type { Claim, Pod } from "../kube/kube.ts";
import type { ClusterState, Member, MemberClaim } from "./state.ts";

/** A Vault that lives answers at once; one that does not is asked again soon. */
const answerTimeoutMs = 5_000;

/** What Vault's pods say, and what init noted of them: all that is to be known without the keys. */
export type Pods = Pick<
  ClusterState,
  "namespace" | "statefulSet" | "statefulSetUid" | "replicas" | "members" | "record" | "otherOwner"
>;

/** What only `init` needs to know, and only its ServiceAccount may read. */
export type Scope = { readonly storage: boolean; readonly journal: boolean };

/**
 * Looks at every pod, volume and key. Changes nothing, waits for nothing but answers.
 * @throws DeniedError, NotReadyError for what Kubernetes does not tell; what is wrong with the keys is part of the state
 */
export async function observe(cluster: Cluster, custody: Custody, scope: Scope): Promise<ClusterState> {
  const { kube, run, statefulSet } = cluster;
  const { namespace, custodyNamespace } = run.settings;
  const [pods, claims, keys, unfinished] = await Promise.all([
    lookAtPods(cluster, readRecord(kube, custodyNamespace)),
    scope.storage ? kube.claims(namespace) : [],
    custody.find(),
    scope.journal ? custody.unfinished() : false,
  ]);
  return {
    ...pods,
    claims: claimsOf(statefulSet.name, statefulSet.claimTemplates, claims),
    custody: custody.where,
    keys,
    unfinished,
  };
}

/**
 * Looks at every pod, and needs no right in custody: a record that may not be read is not known.
 * @throws DeniedError, NotReadyError for what Kubernetes does not tell of the StatefulSet and its pods
 */
export async function observePods(cluster: Cluster): Promise<Pods> {
  const { kube, run } = cluster;
  const record = readRecord(kube, run.settings.custodyNamespace).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    run.log.debug({ error: error.message }, "cannot read what init noted");
    return undefined;
  });
  return await lookAtPods(cluster, record);
}

async function lookAtPods(cluster: Cluster, reading: Promise<InitRecord | undefined>): Promise<Pods> {
  const { kube, run, statefulSet } = cluster;
  const { namespace } = run.settings;
  const [{ replicas, uid, members }, record] = await Promise.all([lookAtMembers(), reading]);
  const otherOwner = await ownerElsewhere(cluster, record, uid);
  return { namespace, statefulSet: statefulSet.name, statefulSetUid: uid, replicas, members, record, otherOwner };

  async function lookAtMembers() {
    const [found, pods] = await Promise.all([kube.statefulSet(namespace, statefulSet.name), kube.pods(namespace)]);
    const current = found ?? { replicas: 0, uid: statefulSet.uid };
    const members = await askMembers(cluster, expected(statefulSet.name, current.replicas, pods));
    return { replicas: current.replicas, uid: current.uid, members };
  }
}

/** One of the same name in the same namespace was only made anew. What may not be looked at may stand. */
async function ownerElsewhere(
  { kube, run, statefulSet }: Cluster,
  record: InitRecord | undefined,
  uid: string,
): Promise<string | undefined> {
  if (record?.namespace === undefined || record.name === undefined || record.statefulSet === uid) return undefined;
  if (record.namespace === run.settings.namespace && record.name === statefulSet.name) return undefined;
  const where = `${record.namespace}/${record.name}`;
  try {
    const found = await kube.statefulSet(record.namespace, record.name);
    return found?.uid === record.statefulSet ? where : undefined;
  } catch (error) {
    if (error instanceof DeniedError) return where;
    throw error;
  }
}

type Expected = { readonly pod: string; readonly found: Pod | undefined };

function expected(statefulSet: string, replicas: number, pods: readonly Pod[]): Expected[] {
  const own = pods.filter(({ name }) => isPodOf(statefulSet, name));
  const byName = new Map(own.map((pod) => [pod.name, pod]));
  const wanted = Array.from({ length: replicas }, (_, ordinal) => `${statefulSet}-${ordinal}`);
  return [...new Set([...wanted, ...byName.keys()])]
    .sort((a, b) => ordinalOf(a) - ordinalOf(b))
    .map((pod) => ({ pod, found: byName.get(pod) }));
}

/** By name and not by label: a pod whose label was changed may still hold data. */
function isPodOf(statefulSet: string, pod: string): boolean {
  return pod.startsWith(`${statefulSet}-`) && /^\d+$/.test(pod.slice(statefulSet.length + 1));
}

async function askMembers(cluster: Cluster, pods: readonly Expected[]): Promise<Member[]> {
  return await Promise.all(pods.map((pod) => ask(cluster, pod)));
}

async function ask(cluster: Cluster, { pod, found }: Expected): Promise<Member> {
  const mute = (silence: string): Member => ({ pod, uid: found?.uid, status: undefined, silence });
  if (found === undefined) return mute("there is no such pod");
  if (found.deleting) return mute("it is being deleted");
  try {
    const vault = await cluster.members.connect(pod, answerTimeoutMs);
    return { pod, uid: found.uid, status: await readStatus(vault), silence: undefined };
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof ConfigError) throw error;
    return mute(found.reason ?? error.message);
  }
}

/** A claim of a StatefulSet is named TEMPLATE-POD. */
function claimsOf(statefulSet: string, templates: readonly string[], claims: readonly Claim[]): MemberClaim[] {
  return claims.flatMap(({ name, uid, deleting }) => {
    const template = templates.find((prefix) => name.startsWith(`${prefix}-${statefulSet}-`));
    const pod = template === undefined ? "" : name.slice(template.length + 1);
    return isPodOf(statefulSet, pod) ? [{ name, uid, pod, deleting }] : [];
  });
}
