import type { Metrics } from "../util/metrics.ts";
import { type Hooks, hookNames } from "./vault-health.ts";

/** Adds the metrics of the hooks, which live for seconds and cannot be scraped themselves. @returns how to show their last runs */
export function addHealthMetrics(metrics: Metrics): { show(hooks: Hooks): void } {
  const code = metrics.gauge("vault_hooks_run_last_exit_code", "The exit code of the last run of a command.");
  const time = metrics.gauge("vault_hooks_run_last_timestamp_seconds", "When the last run of a command ended.");
  return {
    show(hooks) {
      for (const command of hookNames) {
        const run = hooks[command];
        if (run === undefined) continue;
        code.set(run.exitCode, { command });
        time.set(Date.parse(run.finishedAt) / 1000, { command });
      }
    },
  };
}
