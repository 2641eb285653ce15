import { type Hooks, vaultHealth } from "../health/vault-health.ts";
import { redactFreeText } from "../redact.ts";
import type { NamespacedName } from "../setting-types.ts";
import type { Deadline } from "../util/deadline.ts";
import type { MakeObserver, ObserverContext, Round } from "../watch/observer.ts";
import { type Application, applicationOf, applicationRef } from "./application.ts";
import { type Decision, decide } from "./decide.ts";
import { factsOf, lookAround, readHealth } from "./gather.ts";
import { syncPatch, terminatePatch } from "./operation.ts";
import { openReport } from "./report.ts";
import { silentFailure } from "./silent-hook.ts";
import { createStopwatch } from "./stopwatch.ts";

/** In milliseconds. */
const readEveryMs = 5000;

/**
 * Asks Argo CD for a sync where Argo CD does not act by itself, and ends operations that hang. Looks at most every 5 s. Without
 * `--application`, it requests nothing and reads no Application, and only reports drift.
 */
export const argocdObserver: MakeObserver = (context) => {
  const stopwatch = createStopwatch();
  const report = openReport(context);
  const targets = targetsOf(context.settings);
  let readMs = Number.NEGATIVE_INFINITY;
  let failed: unknown;
  async function look(round: Round, limit: Deadline): Promise<void> {
    const health = await readHealth(context, limit);
    report.drift(health.hooks);
    if (targets.length === 0) return;
    const around = await lookAround({ ...context, stopwatch }, { ...health, round, limit });
    const lookAt = async ({ ref, runsHooks }: Target) => {
      const found = await context.kube.customObject(ref, limit);
      const name = `${ref.namespace}/${ref.name}`;
      if (found === undefined) return report.absent(name);
      const application = applicationOf(found);
      if (runsHooks && health.health !== undefined) await completeOutcomes(context, application, health.hooks, limit);
      const decision = decide(factsOf(name, application, runsHooks, { around, stopwatch, clockMs: round.clockMs }));
      if (await apply(context, { ref, application, decision, limit }))
        await report.decision(name, decision, { around, round, limit });
    };
    // an Application that may not be read hinders no other
    const results = await Promise.allSettled(targets.map(lookAt));
    for (const each of results) if (each.status === "rejected") throw each.reason;
  }
  return {
    name: "argocd",
    async observe(round, limit) {
      if (!round.acting) return report.clear();
      if (round.clockMs - readMs >= readEveryMs) {
        readMs = round.clockMs;
        failed = await look(round, limit).catch((error: unknown) => error);
      }
      // what failed is not repaired before the next look succeeds
      if (failed !== undefined) throw failed;
    },
  };
};

/** Writes the outcome of a hook that failed without writing its own. */
async function completeOutcomes(
  { kube, settings }: ObserverContext,
  application: Application,
  hooks: Hooks,
  limit: Deadline,
): Promise<void> {
  const failed = silentFailure(application, hooks, settings.namespace);
  if (failed === undefined) return;
  const message = redactFreeText(failed.outcome.message ?? "");
  const outcome = { ...failed.outcome, message, retryUntil: null };
  const patch = { status: { hooks: { [failed.name]: outcome } } };
  await kube.patchCustomObject(vaultHealth(settings.watchNamespace), patch, { subresource: "status", deadline: limit });
}

type Target = { readonly ref: ReturnType<typeof applicationRef>; readonly runsHooks: boolean };

function targetsOf({ application, neededApplications }: ObserverContext["settings"]): Target[] {
  const target = (runsHooks: boolean) => (each: NamespacedName) => ({
    ref: applicationRef(each.namespace, each.name),
    runsHooks,
  });
  // the others matter only for what this one needs
  if (application === undefined) return [];
  return [target(true)(application), ...neededApplications.map(target(false))];
}

type Applying = {
  readonly ref: Target["ref"];
  readonly application: Application;
  readonly decision: Decision;
  readonly limit: Deadline;
};

/** @returns false if the Application has changed since it was read: the next round decides again, so there are never two syncs */
async function apply({ kube }: ObserverContext, { ref, application, decision, limit }: Applying): Promise<boolean> {
  if (decision.act !== "sync" && decision.act !== "terminate") return true;
  const { resourceVersion } = application.metadata;
  const patch = decision.act === "sync" ? syncPatch(application, decision.reason, decision.attempt) : terminatePatch;
  return (await kube.patchCustomObject(ref, patch, { resourceVersion, deadline: limit })) !== undefined;
}
