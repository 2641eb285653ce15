import { withConnection } from "../connect/connection.ts";
import { secretCustody } from "../custody/kubernetes-secret.ts";
import type { Run } from "../run.ts";
import type { BringUp } from "./context.ts";
import type { Recovery } from "./state.ts";

/**
 * Connects to Kubernetes, Vault and custody, and closes every connection when `act` has ended.
 *
 * @param recovery the words in Git by which a loss is accepted; only `init` heeds them
 * @throws ConfigError where there is no StatefulSet of that name
 */
export async function withBringUp<T>(run: Run, recovery: Recovery, act: (bringUp: BringUp) => Promise<T>): Promise<T> {
  return await withConnection(run, async (cluster) => {
    const custody = secretCustody(cluster.kube, run.settings.custodyNamespace);
    return await act({ cluster, custody, recovery });
  });
}
