import { allFailuresOf, removalsOf, removedBy, type VaultApplied, type VaultPlan } from "./peers.ts";

/** The last line of a plan. */
export function planCounts(plan: VaultPlan): string {
  const { changes, refusals, unreadable, blocked, unchanged, leftOver } = plan;
  const creates = changes.filter(({ op }) => op === "create").length;
  const removals = removalsOf(plan).length;
  const trouble = refusals.length + unreadable.length + blocked.length + (plan.peers?.troubles.length ?? 0);
  return `Plan: ${[
    `${creates} to create`,
    `${changes.length - creates} to update`,
    ...(removals > 0 ? [`${removals} to remove`] : []),
    `${unchanged} unchanged`,
    ...(trouble > 0 ? [`${trouble} that cannot be done`] : []),
    ...uncomparedCount(plan),
    ...(leftOver.length > 0 ? [`left over: ${leftOver.length}`] : []),
  ].join(", ")}.`;
}

/** The last line of a run. */
export function appliedCounts(applied: VaultApplied): string {
  const done = applied.done.length + removedBy(applied).length;
  return `Applied: ${done} done, ${allFailuresOf(applied).length} failed, ${applied.blocked.length} waiting for those.`;
}

/** @returns how many objects and peers differ from Git */
export function differencesIn(plan: VaultPlan): number {
  return plan.changes.length + removalsOf(plan).length;
}

/** @returns what a plan found, for VaultHealth: "3 differences, 2 fields not compared"; undefined if it compared everything and found nothing */
export function findingsOf(plan: VaultPlan): string | undefined {
  const count = differencesIn(plan);
  const findings = [...(count > 0 ? [counted(count, "difference")] : []), ...uncomparedCount(plan)];
  return findings.length === 0 ? undefined : findings.join(", ");
}

function uncomparedCount({ uncompared }: VaultPlan): string[] {
  const count = uncompared.flatMap(({ fields }) => fields).length;
  return count === 0 ? [] : [`${counted(count, "field")} not compared`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
