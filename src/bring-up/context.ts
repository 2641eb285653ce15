import { type Cluster, withConnection } from "../connect/connection.ts";
import type { KeyCustody } from "../custody/custody.ts";
import { openCustody } from "../custody/open-custody.ts";
import type { Recovery } from "../custody/recovery.ts";
import type { Run } from "../run.ts";

/** The cluster, custody and recovery declarations that init, unseal and join work with. */
export type BringUp = { readonly cluster: Cluster; readonly custody: KeyCustody; readonly recovery: Recovery };

/** The changes that a command made, and why nothing is left to do; printed as its output. */
export type Outcome = { readonly changed: readonly string[]; readonly why: string; readonly warning?: string };

/**
 * Connects to Kubernetes, Vault and custody, and closes every connection when `act` has ended.
 *
 * @param recovery the declarations in Git with which a person accepts a loss; only `init` reads them
 * @throws ConfigError if the StatefulSet does not exist
 */
export async function withBringUp<T>(run: Run, recovery: Recovery, act: (bringUp: BringUp) => Promise<T>): Promise<T> {
  return await withConnection(run, async (cluster) => {
    const custody = openCustody(cluster.kube, run.settings.custodyNamespace);
    return await act({ cluster, custody, recovery });
  });
}
