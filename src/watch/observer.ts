import type { Member } from "../bring-up/state.ts";
import type { InitRecord } from "../custody/record.ts";
import type { AppError } from "../errors.ts";
import type { Kube } from "../kube/kube.ts";
import type { Run } from "../run.ts";
import type { Deadline } from "../util/deadline.ts";
import type { Metrics } from "../util/metrics.ts";

/** Whether custody has the unseal keys. The keys themselves are never passed on. */
export type KeysSeen =
  | { readonly kind: "present" }
  | { readonly kind: "missing" }
  /** Exit code 3: Kubernetes did not answer; 4: the Secret is incomplete; 5: this process may not read it. */
  | { readonly kind: "unreadable"; readonly error: AppError };

/**
 * Why the last repair failed, and since when every attempt at it has failed. `pod` is undefined if the error concerns no
 * single member: the keys are missing, or the Lease is held by a hook.
 */
export type RepairFailure = { readonly pod: string | undefined; readonly error: AppError; readonly since: Date };

/** Everything that `watch` knows at one moment. The first round has been read completely. */
export type Round = {
  readonly at: Date;
  /** The same moment on the monotonic clock, in milliseconds: only differences have a meaning. */
  readonly clockMs: number;
  readonly namespace: string;
  /** `uid` and `replicas` are undefined if the StatefulSet does not exist. */
  readonly statefulSet: {
    readonly name: string;
    readonly uid: string | undefined;
    readonly replicas: number | undefined;
  };
  /** Sorted by ordinal: every pod up to `replicas`, and those beyond that still exist. */
  readonly members: readonly Member[];
  /** False only if every replica has answered and none is initialised; undefined while this is not known. */
  readonly initialised: boolean | undefined;
  readonly keys: KeysSeen;
  /** The record of init; undefined if there is none, or it could not be read. */
  readonly record: InitRecord | undefined;
  /** Why the record could not be read, although Kubernetes answers: it is malformed, or this process may not read it. */
  readonly recordError: AppError | undefined;
  /** Undefined if the last repair succeeded, or nothing is left to repair. */
  readonly failure: RepairFailure | undefined;
  /**
   * Why Kubernetes could not be read again. StatefulSet, pods, keys and record are then as last read. Exit code 3: an outage, which
   * ends by itself; 5: this process lacks a permission.
   */
  readonly stale: AppError | undefined;
  /** Whether this replica holds the watcher's own Lease. Only then may an observer write. */
  readonly acting: boolean;
};

/** Acts on each round, beside the repairs: it never delays one. */
export type Observer = {
  /** For logs and metrics: "health". */
  readonly name: string;
  /**
   * Called once at a time. While it runs, rounds are skipped; then it gets the newest.
   *
   * @param limit when to give up; its signal aborts then, and on SIGTERM
   * @throws AppError, which is logged when it changes, and counted
   */
  observe(round: Round, limit: Deadline): Promise<void>;
};

/** What every observer may use. `kube` limits each call to some seconds, and lives as long as the command. */
export type ObserverContext = Pick<Run, "settings" | "log"> & { readonly kube: Kube; readonly metrics: Metrics };

/** How a folder gives `watch` its observer; src/commands/watch.ts lists them. */
export type MakeObserver = (context: ObserverContext) => Observer;
