import type { Cluster } from "./with-cluster.ts";

/** Held by whoever initialises, unseals or joins: of several runs at once, one acts and the others look again. */
const leaseName = "vault-hooks";

/** Throws as Kube does, and what `act` throws; gives up waiting for another holder at the deadline. */
export async function underLease<T>({ kube, run }: Cluster, act: () => Promise<T>): Promise<T> {
  return await kube.underLease(run.settings.custodyNamespace, leaseName, run.deadline.signal, act);
}
