import type { Cluster } from "../../connect/connection.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import type { Vault } from "../../vault/client.ts";
import { formatLedger, maxLedgerBytes, parseLedger } from "./format.ts";
import { type Ledger, newLedger, type Settled, updateLedger } from "./ledger.ts";

export const ledgerName = "vault-hooks-ledger";

/** The ledger as it was read. */
export type OpenLedger = {
  readonly clusterId: string;
  /** undefined where there is none of this Vault. */
  readonly ledger: Ledger | undefined;
  /** Of the Secret, if there is one. */
  readonly resourceVersion: string | undefined;
};

/**
 * Reads the ledger of this Vault. One of another Vault, or one that cannot be understood, counts as lost.
 * @param vault the active member; it tells its cluster_id to anyone
 * @throws as Kube does
 */
export async function openLedger({ kube, run }: Cluster, vault: Vault): Promise<OpenLedger> {
  const { custodyNamespace } = run.settings;
  const [clusterId, found] = await Promise.all([clusterIdOf(vault), kube.secret(custodyNamespace, ledgerName)]);
  if (found === undefined) return { clusterId, ledger: undefined, resourceVersion: undefined };
  const { resourceVersion } = found;
  const ledger = parseLedger(found.data);
  if (ledger?.clusterId === clusterId) return { clusterId, ledger, resourceVersion };
  const why =
    ledger === undefined ? "it cannot be understood" : `it is of the Vault with cluster_id ${ledger.clusterId}`;
  run.log.warn({ secret: `${custodyNamespace}/${ledgerName}`, why }, "the ledger does not count");
  return { clusterId, ledger: undefined, resourceVersion };
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/seal-status */
async function clusterIdOf(vault: Vault): Promise<string> {
  const id = (await vault.read("sys/seal-status"))?.["cluster_id"];
  if (typeof id === "string" && id !== "") return id;
  throw new NotReadyError(`read sys/seal-status on ${vault.name}: it tells no cluster_id`, {
    todo: "It was sealed meanwhile; run it again.",
  });
}

/**
 * Makes a ledger where there is none, of what stands already. It comes before the first write to Vault, so that a
 * run that breaks off leaves one that does not know what it wrote: the next run then writes it again.
 */
export async function ensureLedger(
  cluster: Cluster,
  opened: OpenLedger,
  standing: readonly Settled[],
): Promise<OpenLedger> {
  if (opened.ledger !== undefined) return opened;
  const empty = newLedger(opened.clusterId);
  const ledger = updateLedger(empty, empty, standing);
  cluster.run.log.info({ objects: ledger.objects.size }, "made a new ledger of what stands");
  const resourceVersion = await write(cluster, ledger, opened.resourceVersion);
  if (resourceVersion !== undefined) return { ...opened, ledger, resourceVersion };
  return await ensureLedger(cluster, await openAgain(cluster, opened.clusterId), standing);
}

/**
 * Records what stands after a run; writes nothing where all of it is recorded. Where another run wrote it meanwhile, reads it
 * again and adds to that.
 */
export async function saveLedger(cluster: Cluster, opened: OpenLedger, standing: readonly Settled[]): Promise<void> {
  const before = opened.ledger ?? newLedger(opened.clusterId);
  let now = opened;
  for (let tried = 0; tried < 20; tried++) {
    const known = now.ledger ?? { ...before, objects: new Map() };
    const ledger = updateLedger(known, before, standing);
    if (ledger === now.ledger) return;
    if ((await write(cluster, ledger, now.resourceVersion)) !== undefined) return;
    now = await openAgain(cluster, opened.clusterId);
  }
  throw new NotReadyError(`update ${whereOf(cluster)}: someone else changes it all the time`);
}

async function openAgain({ kube, run }: Cluster, clusterId: string): Promise<OpenLedger> {
  const found = await kube.secret(run.settings.custodyNamespace, ledgerName);
  const ledger = found === undefined ? undefined : parseLedger(found.data);
  return {
    clusterId,
    ledger: ledger?.clusterId === clusterId ? ledger : undefined,
    resourceVersion: found?.resourceVersion,
  };
}

/** @returns the new resourceVersion, or undefined if someone else was faster */
async function write(cluster: Cluster, ledger: Ledger, resourceVersion: string | undefined) {
  const { kube, run } = cluster;
  const data = formatLedger(ledger);
  const size = Object.values(data).join("").length;
  if (size > maxLedgerBytes) throw tooLarge(cluster, size, ledger.objects.size);
  const namespace = run.settings.custodyNamespace;
  const stored =
    resourceVersion === undefined
      ? await kube.createSecret(namespace, { name: ledgerName, data })
      : await kube.addToSecret(namespace, ledgerName, data, resourceVersion);
  return stored?.resourceVersion;
}

function tooLarge(cluster: Cluster, size: number, objects: number): RefusedError {
  return new RefusedError(
    `write ${whereOf(cluster)}: ${objects} objects take ${size} bytes, and a Secret holds 1 MiB`,
    {
      todo: "What was applied stays. Without a record, write-only fields are written again by each run; split the configuration.",
    },
  );
}

function whereOf({ run }: Cluster): string {
  return `Secret ${run.settings.custodyNamespace}/${ledgerName}`;
}
