import { isDeepStrictEqual } from "node:util";
import type { NewEvent, ObjectRef } from "../kube/kube.ts";
import { keyOf } from "./assess.ts";
import type { HealthStatus, Problem, Report } from "./vault-health.ts";

/** The fields of a report, except the times that each report has anew. */
type Facts = Omit<Report, "observedAt" | "validUntil">;

/** Returns the fields that differ from those stored. */
export function changedFields(before: HealthStatus, report: Report): Partial<Facts> {
  const { observedAt: _observed, validUntil: _valid, ...facts } = report;
  const changed = Object.entries(facts).filter(
    ([name, value]) => !isDeepStrictEqual(before[name as keyof Facts], value),
  );
  return Object.fromEntries(changed);
}

/** Whether the same problems are only described in other words. */
export function isRewording(before: HealthStatus, changed: Partial<Facts>): boolean {
  const { problems, conditions: _conditions, ...others } = changed;
  if (problems === undefined || Object.keys(others).length > 0) return false;
  return isDeepStrictEqual((before.problems ?? []).map(keyOf), problems.map(keyOf));
}

/** The Events for each problem that begins or ends. Their names are the same for the same change, so none is created twice. */
export function eventsFor(
  regarding: ObjectRef & { readonly uid: string },
  before: readonly Problem[],
  now: readonly Problem[],
  at: Date,
): NewEvent[] {
  const common = { regarding, at };
  const begun = without(now, before).map(
    (problem): NewEvent => ({
      ...common,
      name: nameOf(regarding, problem, "begins"),
      type: "Warning",
      reason: problem.reason,
      action: "Report",
      note: `${problem.message}. ${problem.remedy}`,
    }),
  );
  const ended = without(before, now).map(
    (problem): NewEvent => ({
      ...common,
      name: nameOf(regarding, problem, "ends"),
      type: "Normal",
      reason: "Resolved",
      action: "Resolve",
      note: `${problem.reason} of ${problem.object} since ${problem.since} has ended`,
    }),
  );
  return [...begun, ...ended];
}

function without(problems: readonly Problem[], others: readonly Problem[]): Problem[] {
  const known = new Set(others.map(keyOf));
  return problems.filter((each) => !known.has(keyOf(each)));
}

/** A name in the form that Kubernetes accepts: "vault.membersealed.pod-vault-1.20261129t172000z.begins". */
function nameOf({ name }: ObjectRef, { reason, object, since }: Problem, what: string): string {
  const parts = [name, reason, object.replace(/[^A-Za-z0-9]+/g, "-"), since.replace(/[^0-9TZ]/g, ""), what];
  return parts.join(".").toLowerCase();
}
