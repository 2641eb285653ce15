import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { Kube } from "../kube/kube.ts";
import type { Logger } from "../logger.ts";

/** The Lease of the watchers themselves: its holder acts, the other only observes. */
const leaseName = "vault-watch";
/** In milliseconds. A standby looks this often, so a clean end hands over within this time. */
const pollMs = 1000;

type Election = {
  readonly kube: Kube;
  readonly namespace: string;
  readonly log: Logger;
  /** Ends the watch. */
  readonly end: AbortSignal;
  /** Called when this replica begins to act. @param lost aborts when it must stop */
  readonly onActing: (lost: AbortSignal) => void;
  /** Called when it no longer acts. Its end is awaited before the Lease is released. */
  readonly onEnded: () => Promise<void>;
};

/**
 * Waits for the Lease and holds it until the end; when it is lost, waits for it again. In a pod the Lease is held under the
 * pod's name, so that a container that was restarted takes its own Lease back at once.
 */
export async function keepActing(election: Election): Promise<void> {
  const { kube, namespace, log, end } = election;
  const wish = { pollMs, ...(kube.inCluster ? { holder: hostname() } : {}) };
  let reported = "";
  while (!end.aborted) {
    try {
      await kube.underLease(namespace, leaseName, end, (lost) => act(election, lost), wish);
      reported = "";
    } catch (error) {
      if (end.aborted) return;
      if (!(error instanceof AppError)) throw error;
      if (error.message !== reported)
        log.warn({ error: error.message, todo: error.todo }, "cannot hold the Lease, only observing");
      reported = error.message;
      await delay(pollMs, undefined, { signal: end }).catch(() => undefined);
    }
  }
}

async function act({ log, end, onActing, onEnded }: Election, lost: AbortSignal): Promise<void> {
  log.info({}, "holds the Lease, repairs members now");
  onActing(lost);
  await aborted(AbortSignal.any([lost, end]));
  await onEnded();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
