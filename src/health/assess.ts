import { type Problem, timestamp } from "./vault-health.ts";

/** Something that looks wrong in one round. It becomes a problem if it lasts longer than `graceMs`, in milliseconds. */
export type Finding = Omit<Problem, "since"> & {
  readonly graceMs: number;
  /** If it is known to have begun before it was seen. */
  readonly since?: string;
};

/** When a finding was first seen, on both clocks of a round. */
type Sighting = { readonly since: string; readonly clockMs: number; readonly confirmed: boolean };
/** The findings of earlier rounds, by reason and object. */
export type Memory = ReadonlyMap<string, Sighting>;

export type Assessment = {
  /** In the order of the findings: the first one is the most severe, or the cause of the others. */
  readonly problems: readonly Problem[];
  /** Whether something looks wrong that does not count as a problem yet. */
  readonly pending: boolean;
  readonly memory: Memory;
};

type Moment = { readonly at: Date; readonly clockMs: number };

/**
 * Decides which findings are problems. A finding is one once it was found in each round for `graceMs`, and it ends with the first
 * round that does not find it. Its `since` is the time of the first of these rounds, or the finding's own.
 *
 * @param findings of this round
 * @param moment `clockMs` is of the monotonic clock, in milliseconds
 * @param before the memory of the round before
 */
export function assess(findings: readonly Finding[], { at, clockMs }: Moment, before: Memory): Assessment {
  const memory = new Map<string, Sighting>();
  const problems: Problem[] = [];
  for (const { graceMs, since, ...finding } of findings) {
    const seen = before.get(keyOf(finding)) ?? { since: since ?? timestamp(at), clockMs, confirmed: false };
    const confirmed = seen.confirmed || clockMs - seen.clockMs >= graceMs;
    memory.set(keyOf(finding), { ...seen, confirmed });
    if (confirmed) problems.push({ ...finding, since: seen.since });
  }
  return { problems, pending: problems.length < findings.length, memory };
}

/** Adds the problems that an earlier watcher has reported: each keeps its time, and needs no second grace period. */
export function withReported(memory: Memory, problems: readonly Problem[], clockMs: number): Memory {
  const reported = problems.map((each) => [keyOf(each), { since: each.since, clockMs, confirmed: true }] as const);
  return new Map([...memory, ...reported]);
}

/** Identifies a problem across rounds. */
export function keyOf({ reason, object }: Pick<Problem, "reason" | "object">): string {
  return `${reason} ${object}`;
}
