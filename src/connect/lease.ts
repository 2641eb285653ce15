import type { Cluster } from "./connection.ts";

/** Held by whoever initialises, unseals or joins: of several runs at once, one acts and the others look again. */
const leaseName = "vault-hooks";

/**
 * Runs `act` while holding the Lease, and returns when it has ended, even if the Lease was lost meanwhile: what init
 * has begun it must bring to its end.
 *
 * @param act its signal aborts when the Lease is lost: begin nothing that cannot be undone after that
 * @throws NotReadyError if another holder did not give way before the deadline, or the Lease was lost; what `act` throws
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
