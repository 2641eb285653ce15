import { readClusterId } from "../../connect/cluster-id.ts";
import type { Cluster } from "../../connect/connection.ts";
import { isOwner } from "../../custody/owner.ts";
import { readRecord } from "../../custody/record.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import type { Item } from "../../kinds/model/kind.ts";
import type { Vault } from "../../vault/client.ts";
import { formatLedger, maxLedgerBytes, parseLedger } from "./format.ts";
import { type Ledger, markLeftOvers, newLedger, type Settled, updateLedger } from "./ledger.ts";

export const ledgerName = "vault-hooks-ledger";

/** The ledger as it was read. */
export type OpenLedger = {
  readonly clusterId: string;
  /** undefined if this Vault has none. */
  readonly ledger: Ledger | undefined;
  /** The Secret's; undefined if there is no Secret. */
  readonly resourceVersion: string | undefined;
};

/**
 * Reads the ledger of this Vault. One that cannot be parsed counts as lost. So does one of a different Vault, if the record of init
 * says that custody is this Vault's: the other one was given up.
 *
 * @param vault the active member; a token is not needed
 * @throws RefusedError if the ledger may be that of a Vault that shares custody; what Kube throws; NotReadyError if Vault was
 *   sealed during the run
 */
export async function openLedger(cluster: Cluster, vault: Vault): Promise<OpenLedger> {
  const { kube, run } = cluster;
  const { custodyNamespace } = run.settings;
  const [clusterId, found] = await Promise.all([readClusterId(vault), kube.secret(custodyNamespace, ledgerName)]);
  if (found === undefined) return { clusterId, ledger: undefined, resourceVersion: undefined };
  const { resourceVersion } = found;
  const ledger = parseLedger(found.data);
  if (ledger?.clusterId === clusterId) return { clusterId, ledger, resourceVersion };
  if (ledger !== undefined && !(await isOwnCustody(cluster, clusterId))) throw ofOtherVault(cluster, ledger, clusterId);
  const reason =
    ledger === undefined ? "it cannot be parsed" : `it belongs to the Vault with cluster_id ${ledger.clusterId}`;
  run.log.warn({ secret: `${custodyNamespace}/${ledgerName}`, reason }, "ignoring the ledger");
  return { clusterId, ledger: undefined, resourceVersion };
}

async function isOwnCustody({ kube, run, statefulSet }: Cluster, clusterId: string): Promise<boolean> {
  const { namespace, custodyNamespace } = run.settings;
  const record = await readRecord(kube, custodyNamespace);
  if (record?.clusterId !== undefined) return record.clusterId === clusterId;
  return record !== undefined && isOwner(record, { namespace, name: statefulSet.name, uid: statefulSet.uid });
}

function ofOtherVault(cluster: Cluster, ledger: Ledger, clusterId: string): RefusedError {
  return new RefusedError(
    `${whereOf(cluster)} belongs to the Vault with cluster_id ${ledger.clusterId}, not to this one with ${clusterId}`,
    {
      todo:
        "Each Vault needs a custody namespace of its own: name it with --custody-namespace. " +
        `Only if the other Vault is gone for good, delete ${whereOf(cluster)}.`,
    },
  );
}

/**
 * Creates the ledger if there is none, with the objects that need no change. Must be called before the first write to
 * Vault: then an interrupted run leaves a ledger without the objects that it wrote, and the next run writes them again.
 * If those objects are too many for a Secret, the ledger stays lost: the changes are applied, and `saveLedger` refuses after them.
 * An empty ledger instead would make the next run write each write-only field over a value that a person may have set.
 */
export async function ensureLedger(
  cluster: Cluster,
  opened: OpenLedger,
  settled: readonly Settled[],
): Promise<OpenLedger> {
  if (opened.ledger !== undefined) return opened;
  const empty = newLedger(opened.clusterId);
  const ledger = updateLedger(empty, empty, settled);
  if (sizeOf(formatLedger(ledger)) > maxLedgerBytes) return opened;
  cluster.run.log.info({ objects: ledger.objects.size }, "created a new ledger");
  const resourceVersion = await write(cluster, ledger, opened.resourceVersion);
  if (resourceVersion !== undefined) return { ...opened, ledger, resourceVersion };
  return await ensureLedger(cluster, await reopen(cluster, opened.clusterId), settled);
}

/** What a run has found out about objects. */
export type RunResult = {
  /** The objects that are as declared. */
  readonly settled: readonly Settled[];
  readonly declared: readonly Item[];
  /** The paths of undeclared objects that Vault does not have. */
  readonly gone: ReadonlySet<string>;
  /** The URL of the Kubernetes API in the login's config, if it is that of this run. */
  readonly kubernetesHost: string | undefined;
};

/**
 * Records the result of a run; writes nothing if all of it is recorded already. Retries if another run wrote the ledger in
 * between.
 *
 * @throws what Kube throws; RefusedError if it is too large for a Secret; NotReadyError if every attempt failed
 */
export async function saveLedger(
  cluster: Cluster,
  opened: OpenLedger,
  { settled, declared, gone, kubernetesHost }: RunResult,
): Promise<void> {
  const before = opened.ledger ?? newLedger(opened.clusterId);
  let current = opened;
  for (let attempt = 0; attempt < 20; attempt++) {
    const known = current.ledger ?? { ...before, objects: new Map() };
    const marked = markLeftOvers(updateLedger(known, before, settled), declared, gone);
    const ledger = withHost(marked, kubernetesHost);
    if (ledger === current.ledger) return;
    if ((await write(cluster, ledger, current.resourceVersion)) !== undefined) return;
    current = await reopen(cluster, opened.clusterId);
  }
  throw new NotReadyError(`update ${whereOf(cluster)}: another run changed it at each of 20 attempts`);
}

function withHost(ledger: Ledger, kubernetesHost: string | undefined): Ledger {
  return kubernetesHost === undefined || kubernetesHost === ledger.kubernetesHost
    ? ledger
    : { ...ledger, kubernetesHost };
}

async function reopen({ kube, run }: Cluster, clusterId: string): Promise<OpenLedger> {
  const found = await kube.secret(run.settings.custodyNamespace, ledgerName);
  const ledger = found === undefined ? undefined : parseLedger(found.data);
  return {
    clusterId,
    ledger: ledger?.clusterId === clusterId ? ledger : undefined,
    resourceVersion: found?.resourceVersion,
  };
}

/** @returns the new resourceVersion; undefined if another run wrote first */
async function write(cluster: Cluster, ledger: Ledger, resourceVersion: string | undefined) {
  const { kube, run } = cluster;
  const data = formatLedger(ledger);
  const size = sizeOf(data);
  if (size > maxLedgerBytes) throw tooLarge(cluster, size, ledger.objects.size);
  const namespace = run.settings.custodyNamespace;
  const stored =
    resourceVersion === undefined
      ? await kube.createSecret(namespace, { name: ledgerName, data })
      : await kube.addToSecret(namespace, ledgerName, data, resourceVersion);
  return stored?.resourceVersion;
}

/** In bytes, as Kubernetes counts it: the values are base64 and ASCII. */
function sizeOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).join("").length;
}

function tooLarge(cluster: Cluster, size: number, objects: number): RefusedError {
  return new RefusedError(
    `write ${whereOf(cluster)}: ${objects} objects take ${size} bytes, and a Secret holds 1 MiB`,
    {
      todo:
        "The changes to Vault are kept, but not recorded: until the ledger fits, a run may write write-only fields again, or miss " +
        "a change to them in Git. Split the configuration.",
    },
  );
}

function whereOf({ run }: Cluster): string {
  return `Secret ${run.settings.custodyNamespace}/${ledgerName}`;
}
