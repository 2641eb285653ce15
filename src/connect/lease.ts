import type { Cluster } from "./connection.ts";

/** Its holder alone initialises, unseals or joins. Other runs wait for it, then observe again. */
const leaseName = "vault-hooks";

/**
 * Runs `act` while holding the Lease. Waits for the end of `act` even if the Lease was lost, since init must finish what it
 * began.
 *
 * @param act its signal aborts when the Lease is lost: start nothing irreversible after that
 * @throws NotReadyError if another holder did not release the Lease before the deadline, or the Lease was lost; errors of `act`
 */
export async function underLease<T>({ kube, run }: Cluster, act: (lost: AbortSignal) => Promise<T>): Promise<T> {
  let acting: Promise<unknown> | undefined;
  const start = (lost: AbortSignal) => {
    const started = act(lost);
    acting = started.catch(() => undefined);
    return started;
  };
  try {
    return await kube.underLease(run.settings.custodyNamespace, leaseName, run.deadline.signal, start);
  } finally {
    await acting;
  }
}
