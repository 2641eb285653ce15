import { ExitCode } from "../errors.ts";
import { driftOf } from "../health/hook-findings.ts";
import {
  failedHook,
  hasFailed,
  invalidBecause,
  isAutomated,
  lastFullSync,
  makesNamespace,
  messageOf,
} from "./application.ts";
import type { Facts } from "./facts.ts";
import { hanging } from "./hanging.ts";
import { type Reason, requestOf } from "./operation.ts";

export type Decision =
  | { readonly act: "sync"; readonly reason: Reason; readonly attempt: number; readonly why: string }
  | { readonly act: "terminate"; readonly reason: Reason; readonly why: string }
  /** It would act, but a person has disabled automated sync. */
  | { readonly act: "paused"; readonly reason: Reason; readonly why: string }
  | { readonly act: "wait" | "nothing"; readonly why: string };

/** Argo CD usually heals by itself within seconds. In milliseconds. */
const firstDelayMs = 5000;
const longestDelayMs = 600_000;
/** The hooks of a sync that has just ended may still be seen as not run. In milliseconds. */
const uninitialisedMs = 15_000;

/**
 * Decides what to ask of Argo CD. It acts only where Argo CD does not act by itself: after an operation that failed or that can
 * never end, and where only hooks can repair.
 *
 * @see docs/adr/0021-asking-for-syncs.md
 */
export function decide(facts: Facts): Decision {
  const { application } = facts;
  if (application.metadata.deletionTimestamp !== undefined)
    return { act: "nothing", why: "the Application is being deleted" };
  const decision = application.operation === undefined ? decideIdle(facts) : decideRunning(facts);
  if ((decision.act !== "sync" && decision.act !== "terminate") || isAutomated(application)) return decision;
  return { act: "paused", reason: decision.reason, why: `${decision.why}; automated sync is disabled` };
}

function decideRunning(facts: Facts): Decision {
  const state = facts.application.status?.operationState;
  if (state === undefined || (state.phase !== "Running" && state.phase !== "Terminating"))
    return { act: "wait", why: "Argo CD has not started the requested operation yet" };
  if (state.phase === "Terminating") return { act: "wait", why: "the operation is being ended" };
  const hang = hanging(facts, state);
  return hang === undefined
    ? { act: "wait", why: `an operation runs: ${messageOf(state)}` }
    : { act: "terminate", ...hang };
}

function decideIdle(facts: Facts): Decision {
  const need = whatIsNeeded(facts);
  if (need.reason === undefined) return need;
  const attempt = attemptsSoFar(facts, need.reason) + 1;
  const left = delayFor(attempt) - facts.unchangedMs.operation;
  if (left > 0) return { act: "wait", why: `${need.why}; attempt ${attempt} in ${Math.ceil(left / 1000)} s` };
  return { act: "sync", reason: need.reason, attempt, why: need.why };
}

type Need =
  | { readonly reason: Reason; readonly why: string }
  | { reason?: never; act: "wait" | "nothing"; why: string };

function whatIsNeeded(facts: Facts): Need {
  const { application, namespace } = facts;
  const invalid = invalidBecause(application);
  if (invalid !== undefined) return { act: "nothing", why: `Argo CD cannot compare it: ${invalid}` };
  if (namespace.state === "deleting") return { act: "wait", why: `namespace ${namespace.name} is being deleted` };
  if (namespace.state === "absent" && !makesNamespace(application, namespace.name))
    return { act: "wait", why: `namespace ${namespace.name} does not exist` };
  return afterFailure(facts) ?? (facts.runsHooks ? whatHooksMustRepair(facts) : undefined) ?? nothing;
}

const nothing = { act: "nothing", why: "Argo CD needs no help" } as const;

/** Argo CD does not repeat a failed sync at the same commit. */
function afterFailure(facts: Facts): Need | undefined {
  const state = facts.application.status?.operationState;
  if (state === undefined || !hasFailed(state)) return undefined;
  const hook = failedHook(state);
  if (hook === undefined) return { reason: "SyncFailed", why: `the last sync failed: ${messageOf(state)}` };
  const why = `hook ${hook.name} failed: ${hook.message}`;
  // it says nothing about a namespace that was created later
  const outdated = isYoungerThan(facts, state.finishedAt);
  if (outdated || !gaveUp(facts, hook.message)) return { reason: "HooksFailed", why };
  // after a failed sync, Argo CD does not even restore a deleted object at that commit
  if (facts.application.status?.sync?.status === "OutOfSync")
    return { reason: "OutOfSync", why: `${why}; meanwhile objects differ from Git` };
  return { act: "nothing", why: `${why}; a person must decide` };
}

/** Exit codes 2 and 4: nothing changes until somebody commits or decides. */
function gaveUp({ application, hooks }: Facts, message: string): boolean {
  const began = Date.parse(application.status?.operationState?.startedAt ?? "");
  const codes = [hooks.init, hooks.unseal, hooks.join, hooks.configure]
    .filter((run) => run !== undefined && Date.parse(run.finishedAt) >= began)
    .map((run) => run?.exitCode);
  // as Kubernetes reports a Job that its podFailurePolicy ended
  const reported = Number(/ exit code (\d+)\b/.exec(message)?.[1]);
  return [...codes, reported].some((code) => code === ExitCode.config || code === ExitCode.refused);
}

function whatHooksMustRepair(facts: Facts): Need | undefined {
  const { application, namespace, hooks, correctDrift } = facts;
  const lastSync = lastFullSync(application);
  if (isYoungerThan(facts, lastSync))
    return { reason: "NamespaceDeleted", why: `no hook has run since namespace ${namespace.name} was created again` };
  if (facts.initialised === false && facts.unchangedMs.initialised >= uninitialisedMs)
    return { reason: "NotInitialized", why: `StatefulSet ${facts.statefulSet.name} is not initialised` };
  if (correctDrift && hasDrifted(facts, lastSync))
    return { reason: "Drift", why: `Vault differs from its configuration in Git: ${driftOf(hooks)}` };
  return undefined;
}

/** Whether the last plan found a difference, and configure has not run since. */
function hasDrifted({ hooks }: Facts, lastSync: Date | undefined): boolean {
  const { plan } = hooks;
  if (plan?.exitCode !== ExitCode.changes || driftOf(hooks) === "none") return false;
  return lastSync === undefined || new Date(plan.finishedAt) > lastSync;
}

function isYoungerThan({ namespace }: Facts, at: Date | string | undefined): boolean {
  return namespace.state !== "absent" && at !== undefined && namespace.createdAt > new Date(at);
}

/** The requests since the last sync that helped. A sync that succeeded has helped, unless its reason is still there. */
function attemptsSoFar({ application, unchangedMs }: Facts, reason: Reason): number {
  const state = application.status?.operationState;
  const request = state === undefined ? undefined : requestOf(state);
  if (state === undefined || request === undefined) return 0;
  const helped = state.phase === "Succeeded" && (request.reason !== reason || unchangedMs.operation > longestDelayMs);
  return helped ? 0 : request.attempt;
}

/** 5 s, 10 s, 20 s and so on, at most ten minutes. */
function delayFor(attempt: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10));
}
