import { driftOf } from "../health/hook-findings.ts";
import type { NewEvent } from "../kube/kube.ts";
import { redactOutput } from "../redact.ts";
import type { Deadline } from "../util/deadline.ts";
import type { ObserverContext, Round } from "../watch/observer.ts";
import type { Decision } from "./decide.ts";
import type { Surroundings } from "./gather.ts";
import { reasons } from "./operation.ts";

export type Report = {
  /** Shows nothing, because another replica acts. */
  clear(): void;
  /** Logs once that an Application does not exist. */
  absent(application: string): void;
  /** Shows the number of differences from Git. */
  drift(hooks: Surroundings["hooks"]): void;
  /**
   * Logs a decision about an Application when it changes, counts it, and creates an Event for what was done.
   *
   * @param application as namespace/name
   */
  decision(application: string, decision: Decision, moment: Moment): Promise<void>;
};

type Moment = { readonly around: Surroundings; readonly round: Round; readonly limit: Deadline };

/** Adds the metrics of this folder. */
export function openReport({ log, kube, metrics }: Pick<ObserverContext, "log" | "kube" | "metrics">): Report {
  const known = reasons.map((reason) => ({ reason }));
  const syncs = metrics.counter("vault_hooks_argocd_sync_requests_total", "Syncs requested of Argo CD", known);
  const endings = metrics.counter("vault_hooks_argocd_operations_ended_total", "Hanging operations ended", known);
  const paused = metrics.gauge("vault_hooks_argocd_paused", "1 if a sync is needed and automated sync is disabled");
  const objects = metrics.gauge("vault_hooks_config_objects", "Objects that differ from Git, by the last plan");
  const last = new Map<string, string>();

  function note(application: string, { why, ...decision }: Decision): void {
    const isNew = last.get(application) !== JSON.stringify(decision);
    last.set(application, JSON.stringify(decision));
    const fields = { application, ...decision, why };
    if (decision.act === "sync") log.info(fields, "requested a sync");
    else if (decision.act === "terminate") log.warn(fields, "ended a hanging operation");
    else if (decision.act === "paused" && isNew) log.warn(fields, "a sync is needed, and automated sync is disabled");
    else log.debug(fields, "looked at an Application");
  }

  return {
    clear() {
      paused.clear();
      objects.clear();
    },
    absent(application) {
      if (last.get(application) !== "absent") log.warn({ application }, "the Application does not exist");
      last.set(application, "absent");
    },
    drift(hooks) {
      const count = countOf(driftOf(hooks));
      if (count === undefined) objects.clear();
      else objects.set(count, { state: "drifted" });
    },
    async decision(application, decision, { around, round, limit }) {
      const wasPaused = last.get(application)?.includes('"paused"') === true;
      note(application, decision);
      paused.set(decision.act === "paused" ? 1 : 0, { application });
      if (decision.act === "sync") syncs.add({ reason: decision.reason });
      if (decision.act === "terminate") endings.add({ reason: decision.reason });
      const event =
        decision.act === "paused" && wasPaused ? undefined : eventOf(application, decision, around, round.at);
      if (event !== undefined) await kube.createEvent(event, limit);
    },
  };
}

/** @param drift "none", "none, 2 fields not compared", "3 differences" or "unknown" */
function countOf(drift: string): number | undefined {
  if (/^none\b/.test(drift)) return 0;
  const count = Number.parseInt(drift, 10);
  return Number.isNaN(count) ? undefined : count;
}

const events = {
  sync: { type: "Normal", reason: "SyncRequested", action: "RequestSync", what: "requested a sync of" },
  terminate: { type: "Normal", reason: "OperationEnded", action: "EndOperation", what: "ended the operation of" },
  paused: { type: "Warning", reason: "SyncPaused", action: "RequestSync", what: "requested no sync of" },
} as const;

function eventOf(application: string, decision: Decision, { health }: Surroundings, at: Date): NewEvent | undefined {
  if (health === undefined || !(decision.act in events)) return undefined;
  const { what, ...event } = events[decision.act as keyof typeof events];
  const words = [health.name, event.reason, application.replace("/", "-"), at.toISOString().replace(/\W/g, "")];
  const name = words.join(".").toLowerCase();
  return {
    ...event,
    name,
    note: redactOutput(`${what} Application ${application}: ${decision.why}`),
    regarding: health,
    at,
  };
}
