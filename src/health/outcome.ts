import { AppError, ExitCode, NotReadyError } from "../errors.ts";
import { connectKube } from "../kube/client.ts";
import { redactFreeText, redactOutput } from "../redact.ts";
import type { Note, Run } from "../run.ts";
import { deadlineIn } from "../util/deadline.ts";
import { type HookName, type HookOutcome, timestamp, vaultHealth } from "./vault-health.ts";

/** A run ends at most this much later, in milliseconds, if Kubernetes does not answer. */
const writeMs = 5_000;
/** How long the next attempt of a Job may take to start, in milliseconds: a pause of up to 40 s, and the start of its pod. */
const nextAttemptMs = 90_000;
/** In characters. */
const longestText = 300;

/** How a run ended. */
export type Ending = { readonly exitCode: ExitCode; readonly note?: Note | undefined };

/**
 * Writes how a run in the cluster ended into the object VaultHealth. A run outside the cluster is not a hook, and writes nothing.
 * Never fails the run: without the object, or without the right to write it, the run ends as it would have.
 */
export async function recordOutcome(run: Run, name: HookName, ending: Ending): Promise<void> {
  const { settings, log } = run;
  // without its environment variable, this is no pod, and there is no need to load the Kubernetes client
  if (!settings.kubeDefaults.inCluster) return;
  try {
    // the run's own deadline has passed, if that is why it ended
    const deadline = deadlineIn(writeMs);
    const kube = await connectKube(settings, deadline);
    if (!kube.inCluster) return;
    const ref = vaultHealth(settings.watchNamespace);
    const patch = { status: { hooks: { [name]: nullForMissing(outcomeOf(ending, new Date(), settings.timeoutMs)) } } };
    const stored = await kube.patchCustomObject(ref, patch, { subresource: "status", deadline });
    if (stored === undefined)
      log.debug({ namespace: ref.namespace }, "there is no VaultHealth to write the outcome to");
  } catch (error) {
    // without the watcher's Application, nobody has granted the right
    const level = error instanceof AppError && !(error instanceof NotReadyError) ? "debug" : "warn";
    const message = error instanceof AppError ? error.message : redactFreeText(String(error));
    log[level]({ error: message }, "cannot write the outcome to VaultHealth");
  }
}

/** @param timeoutMs of each attempt */
export function outcomeOf({ exitCode, note }: Ending, finishedAt: Date, timeoutMs: number): HookOutcome {
  const retried = exitCode === ExitCode.bug || exitCode === ExitCode.notReady;
  const retryUntil = timestamp(new Date(finishedAt.getTime() + nextAttemptMs + timeoutMs));
  return {
    exitCode,
    finishedAt: timestamp(finishedAt),
    ...(retried ? { retryUntil } : {}),
    ...(note === undefined ? {} : { message: shorten(note.message) }),
    ...(note?.remedy === undefined ? {} : { remedy: shorten(note.remedy) }),
  };
}

/** A merge patch leaves a field alone that it does not name, and an earlier run may have set it. */
function nullForMissing(outcome: HookOutcome): Record<keyof HookOutcome, unknown> {
  const { exitCode, finishedAt, retryUntil = null, message = null, remedy = null } = outcome;
  return { exitCode, finishedAt, retryUntil, message, remedy };
}

/** One line. Redacts before it cuts: a secret that was cut in half would not be recognised. */
function shorten(text: string): string {
  const clean = redactOutput(text).replace(/\s+/g, " ");
  return clean.length <= longestText ? clean : `${clean.slice(0, longestText - 1)}…`;
}
