import type { Cluster } from "../connect/connection.ts";
import { amendRecord, type InitRecord } from "../custody/record.ts";
import { type ClusterState, unsealed } from "./state.ts";

/** Called before the first share is sent: from then on this Vault may hold data, and init must never recreate it. */
export async function recordFirstUnseal(cluster: Cluster, { record }: ClusterState): Promise<void> {
  if (record === undefined || record.unsealedAt !== undefined) return;
  await amend(cluster, record, { unsealedAt: now() });
}

/** Records that an unsealed Vault was unsealed, whoever did it, and its cluster id. Writes nothing if both are recorded. */
export async function recordUnsealed(cluster: Cluster, { record, members, otherOwner }: ClusterState): Promise<void> {
  const running = unsealed(members);
  if (record === undefined || otherOwner !== undefined || running.length === 0) return;
  await amend(cluster, record, {
    ...(record.unsealedAt === undefined ? { unsealedAt: now() } : {}),
    ...(record.clusterId === undefined ? clusterOf(running.map(({ status }) => status)) : {}),
  });
}

type ClusterName = { readonly clusterId: string | undefined; readonly clusterName: string | undefined };

/** @returns {} if members belong to different clusters */
function clusterOf(statuses: readonly ClusterName[]): Partial<InitRecord> {
  const known = statuses.filter(({ clusterId }) => clusterId !== undefined);
  const { clusterId, clusterName } = known[0] ?? {};
  if (clusterId === undefined || known.some((other) => other.clusterId !== clusterId)) return {};
  return { clusterId, ...(clusterName === undefined ? {} : { clusterName }) };
}

/** Amends only the record of the observed intent, because a different intent belongs to a different Vault. */
async function amend({ kube, run }: Cluster, { intent }: InitRecord, changes: Partial<InitRecord>): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await amendRecord(kube, run.settings.custodyNamespace, changes, intent);
}

function now(): string {
  return new Date().toISOString();
}
