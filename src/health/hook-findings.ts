import { ExitCode } from "../errors.ts";
import type { Finding } from "./assess.ts";
import { type HookName, type HookOutcome, type Hooks, hookNames, timestamp } from "./vault-health.ts";

/** How long a hook may fail although it is retried, and how long no comparison with Git may have had a result. In milliseconds. */
const retriedMs = 900_000;
const uncomparedMs = 3_600_000;

/**
 * Finds the hooks that gave up. An exit code that the Job does not retry counts at once. After any other, the next attempt has until
 * `retryUntil` to report, and a hook that fails again and again has a quarter of an hour. The health of Argo CD
 * (apps/argocd/argocd-cm.yaml) has the same rules besides this quarter, for when no watcher runs.
 */
export function hookFindings(hooks: Hooks, at: Date): Finding[] {
  return hookNames.flatMap((name) => {
    const run = hooks[name];
    if (run === undefined || run.exitCode === ExitCode.done) return [];
    return name === "plan" ? planFinding(hooks, run, at) : failed(name, run, at);
  });
}

/** The result of the last comparison with Git: "none", "none, 2 fields not compared", "3 differences" or "unknown". */
export function driftOf(hooks: Hooks): string {
  const { plan, configure } = hooks;
  if (configure?.exitCode === ExitCode.done && !isNewer(plan, configure)) return "none";
  if (plan?.exitCode === ExitCode.done) return plan.message === undefined ? "none" : `none, ${plan.message}`;
  return plan?.exitCode === ExitCode.changes ? (plan.message ?? "an unknown number of differences") : "unknown";
}

function isNewer(one: HookOutcome | undefined, other: HookOutcome): boolean {
  return one !== undefined && one.finishedAt > other.finishedAt;
}

/** A plan is out of date once configure has run. One that found Vault not ready runs again on its schedule. */
function planFinding(hooks: Hooks, run: HookOutcome, at: Date): Finding[] {
  if (driftOf(hooks) === "none") return [];
  if (run.exitCode === ExitCode.notReady) return [uncompared(run)];
  return run.exitCode === ExitCode.changes ? [driftFinding(driftOf(hooks), run)] : failed("plan", run, at);
}

/** A plan compares only what Git declares, so every difference matters. */
function driftFinding(drift: string, { finishedAt }: HookOutcome): Finding {
  const message = `Vault differs from its configuration in Git: ${drift}`;
  const remedy = "`vault-hooks plan` shows each difference. Sync the Application of Vault to write what Git says.";
  return { reason: "DriftDetected", object: "hook/plan", since: finishedAt, message, remedy, graceMs: 0 };
}

function uncompared({ message = "Vault was not ready" }: HookOutcome): Finding {
  return {
    reason: "DriftUnknown",
    object: "hook/plan",
    message: `no comparison of Vault with Git has had a result for an hour: ${message}`,
    remedy: "See the log of the last Job of CronJob vault-drift.",
    graceMs: uncomparedMs,
  };
}

const reasons: Readonly<Record<number, string>> = {
  [ExitCode.config]: "Misconfigured",
  [ExitCode.refused]: "Refused",
  [ExitCode.denied]: "Denied",
};

function failed(name: HookName, run: HookOutcome, at: Date): Finding[] {
  const { exitCode, finishedAt: since, retryUntil } = run;
  const retried = retryUntil !== undefined && timestamp(at) <= retryUntil;
  const message = `${name} ended with exit code ${exitCode}${run.message ? `: ${run.message}` : ""}`;
  const remedy =
    run.remedy ?? `The log of the hook ${name} has the reason. Sync the Application of Vault to run it again.`;
  const finding = { reason: reasons[exitCode] ?? "HookFailed", object: `hook/${name}`, message, remedy };
  // each attempt has a time of its own, and the first one counts
  return [retried ? { ...finding, graceMs: retriedMs } : { ...finding, since, graceMs: 0 }];
}
