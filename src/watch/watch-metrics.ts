import { ExitCode } from "../errors.ts";
import type { Counter, Histogram, Metrics } from "../util/metrics.ts";
import { version } from "../version.ts";
import { memberState, memberStates } from "./member-state.ts";
import type { Round } from "./observer.ts";

export type WatchMetrics = {
  /** Shows a round in the gauges. */
  show(round: Round): void;
  readonly unseals: Counter;
  readonly joins: Counter;
  readonly unsealSeconds: Histogram;
  readonly observerErrors: Counter;
};

const results = [{ result: "ok" }, { result: "failed" }, { result: "refused" }];

/** The `result` label of a repair that failed. */
export function resultOf({ exitCode }: { readonly exitCode: ExitCode }): { readonly result: "failed" | "refused" } {
  return { result: exitCode === ExitCode.refused ? "refused" : "failed" };
}

/** Adds the metrics of watch. */
export function addWatchMetrics(metrics: Metrics, observers: readonly string[]): WatchMetrics {
  metrics.gauge("vault_hooks_build_info", "The version of vault-hooks, always 1.").set(1, { version });
  const state = metrics.gauge("vault_hooks_member_state", "1 for the state that a member of Vault is in, else 0.");
  const members = metrics.gauge("vault_hooks_members", "Members of Vault: desired by the StatefulSet, and unsealed.");
  const acting = metrics.gauge("vault_hooks_watch_acting", "1 if this replica of watch acts, 0 if it only observes.");
  const stale = metrics.gauge("vault_hooks_watch_stale", "1 while Kubernetes cannot be read.");
  const last = metrics.gauge("vault_hooks_watch_last_round_timestamp_seconds", "When watch last completed a round.");
  return {
    show(round) {
      state.clear();
      for (const member of round.members) {
        const current = memberState(member);
        for (const each of memberStates) state.set(each === current ? 1 : 0, { pod: member.pod, state: each });
      }
      const unsealed = round.members.map(memberState).filter((each) => each === "active" || each === "standby");
      members.set(round.statefulSet.replicas ?? 0, { state: "desired" });
      members.set(unsealed.length, { state: "unsealed" });
      acting.set(round.acting ? 1 : 0);
      stale.set(round.stale === undefined ? 0 : 1);
      last.set(round.at.getTime() / 1000);
    },
    unseals: metrics.counter("vault_hooks_unseal_total", "Members that watch unsealed, or failed to.", results),
    joins: metrics.counter("vault_hooks_join_total", "Members that watch joined, or failed to.", results),
    unsealSeconds: metrics.histogram(
      "vault_hooks_unseal_duration_seconds",
      "From the first answer of a member's listener until the member was unsealed.",
      [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
    ),
    observerErrors: metrics.counter(
      "vault_hooks_watch_observer_errors_total",
      "Rounds that an observer of watch failed on.",
      observers.map((observer) => ({ observer })),
    ),
  };
}
