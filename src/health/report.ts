import { sealed, unsealed } from "../bring-up/state.ts";
import type { Round } from "../watch/observer.ts";
import type { Assessment } from "./assess.ts";
import { driftOf } from "./hook-findings.ts";
import { expected, leaderOf } from "./member-findings.ts";
import { type Condition, type HealthStatus, type Report, timestamp } from "./vault-health.ts";

/** How long a report is valid, in milliseconds. The watcher renews it each minute. */
const validMs = 180_000;
/** In characters: `kubectl get` shows it in one line. */
const longestMessage = 200;

/**
 * Describes a round as the status of VaultHealth has it.
 *
 * @param before the status as stored, whose condition keeps its time as long as it does not change
 */
export function reportOf(round: Round, assessment: Assessment, before: HealthStatus): Report {
  const members = expected(round);
  const leader = leaderOf(round);
  const counted = `${unsealed(members).length}/${members.length}`;
  return {
    members: counted,
    sealed: sealed(members).length,
    leader: leader ?? "none",
    drift: driftOf(before.hooks ?? {}),
    problems: assessment.problems,
    conditions: [
      conditionOf(
        assessment,
        `${counted} members unsealed, leader ${leader ?? "none"}`,
        round.at,
        before.conditions?.[0],
      ),
    ],
    observedAt: timestamp(round.at),
    validUntil: timestamp(new Date(round.at.getTime() + validMs)),
  };
}

function conditionOf(
  { problems, pending }: Assessment,
  summary: string,
  at: Date,
  before: Condition | undefined,
): Condition {
  const [first] = problems;
  // a new watcher knows nothing about the time before it
  const unknown = pending && before?.status !== "True";
  const found =
    first === undefined
      ? { status: unknown ? "Unknown" : "True", reason: unknown ? "Observing" : "Healthy", message: summary }
      : { status: "False", reason: first.reason, message: shorten(first.message) + others(problems.length - 1) };
  const lastTransitionTime = before?.status === found.status ? before.lastTransitionTime : timestamp(at);
  return { type: "Healthy", ...found, lastTransitionTime } as Condition;
}

function shorten(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`;
}

function others(count: number): string {
  return count === 0 ? "" : ` (and ${count} more)`;
}
