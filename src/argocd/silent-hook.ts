import { ExitCode } from "../errors.ts";
import { type HookName, type HookOutcome, type Hooks, hookNames, timestamp } from "../health/vault-health.ts";
import { type Application, failedHook, hasFailed } from "./application.ts";

/**
 * Returns the outcome of a hook that failed and wrote none itself: its image could not be pulled, it was killed, or its settings are
 * wrong. Otherwise VaultHealth would go on showing the success of an earlier run.
 *
 * @param namespace of the hooks
 * @returns undefined if no hook failed in the last operation, or it wrote its own outcome
 */
export function silentFailure(
  { status }: Application,
  hooks: Hooks,
  namespace: string,
): { readonly name: HookName; readonly outcome: HookOutcome } | undefined {
  const state = status?.operationState;
  const failed = state !== undefined && hasFailed(state) ? failedHook(state) : undefined;
  const name = hookNames.find((each) => failed?.name.endsWith(`-${each}`));
  if (state === undefined || failed === undefined || name === undefined) return undefined;
  if (Date.parse(hooks[name]?.finishedAt ?? "") >= Date.parse(state.startedAt)) return undefined;
  const finishedAt = timestamp(new Date(state.finishedAt ?? state.startedAt));
  const message = `it wrote no outcome; Argo CD reports: ${failed.message}`;
  const remedy = `\`kubectl -n ${namespace} describe job ${failed.name}\` and the Events of its pods show why.`;
  return { name, outcome: { exitCode: ExitCode.bug, finishedAt, message, remedy } };
}
