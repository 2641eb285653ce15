import type { KeyCustody } from "../custody/custody.ts";
import type { Kube } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import type { WatchMetrics } from "./watch-metrics.ts";

/** What every part of watch shares. */
export type WatchContext = {
  /** Its deadline never ends, besides `drain`: each round and each change has its own. */
  readonly run: Run;
  readonly kube: Kube;
  readonly custody: KeyCustody;
  readonly metrics: WatchMetrics;
  /** Aborts on SIGTERM and after a bug: begin nothing new. */
  readonly end: AbortSignal;
  /** Aborts some seconds later: give up what is in progress. */
  readonly drain: AbortSignal;
  /** Something has changed: look at it now. */
  readonly onChange: () => void;
  /** Ends the process: only a new one is in a known state. */
  readonly onBug: (error: unknown) => void;
};
