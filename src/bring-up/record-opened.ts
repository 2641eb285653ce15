import { amendRecord, type InitRecord } from "../custody/record.ts";
import type { BringUp } from "./context.ts";
import { type ClusterState, open } from "./state.ts";

/** Before the first share is sent: from now on this Vault may hold data, and is never made again unasked. */
export async function recordFirstUse(bringUp: BringUp, { record }: ClusterState): Promise<void> {
  if (record === undefined || record.unsealedAt !== undefined) return;
  await note(bringUp, record, { unsealedAt: now() });
}

/**
 * Notes of a Vault that is open that it was opened, by whatever it was, and which cluster it is. Writes nothing where
 * both are known.
 */
export async function recordOpened(bringUp: BringUp, { record, members, otherOwner }: ClusterState): Promise<void> {
  const opened = open(members);
  if (record === undefined || otherOwner !== undefined || opened.length === 0) return;
  await note(bringUp, record, {
    ...(record.unsealedAt === undefined ? { unsealedAt: now() } : {}),
    ...(record.clusterId === undefined ? clusterOf(opened.map(({ status }) => status)) : {}),
  });
}

type Named = { readonly clusterId: string | undefined; readonly clusterName: string | undefined };

/** Nothing where members are of different clusters. */
function clusterOf(statuses: readonly Named[]): Partial<InitRecord> {
  const known = statuses.filter(({ clusterId }) => clusterId !== undefined);
  const { clusterId, clusterName } = known[0] ?? {};
  if (clusterId === undefined || known.some((other) => other.clusterId !== clusterId)) return {};
  return { clusterId, ...(clusterName === undefined ? {} : { clusterName }) };
}

/** Only of the attempt that was looked at: another one is of another Vault. */
async function note({ cluster }: BringUp, { intent }: InitRecord, learnt: Partial<InitRecord>): Promise<void> {
  if (Object.keys(learnt).length === 0) return;
  const { kube, run } = cluster;
  await amendRecord(kube, run.settings.custodyNamespace, learnt, intent);
}

function now(): string {
  return new Date().toISOString();
}
