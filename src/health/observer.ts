import { openCustody } from "../custody/open-custody.ts";
import { NotReadyError } from "../errors.ts";
import type { CustomObject, Kube, ObjectRef } from "../kube/kube.ts";
import { redactOutput } from "../redact.ts";
import type { Deadline } from "../util/deadline.ts";
import type { MakeObserver, Round } from "../watch/observer.ts";
import { assess, keyOf, type Memory, withReported } from "./assess.ts";
import { changedFields, eventsFor, isRewording } from "./changes.ts";
import { addHealthMetrics } from "./health-metrics.ts";
import { hookFindings } from "./hook-findings.ts";
import { memberFindings } from "./member-findings.ts";
import { reportOf } from "./report.ts";
import { noteStops, restartFindings, type Stops } from "./restarts.ts";
import { type HealthStatus, healthOf, type Problem, type Report, vaultHealth } from "./vault-health.ts";

/** In milliseconds. Hooks write their outcomes into the object, and a person may change it. */
const readEveryMs = 5_000;
/** In milliseconds. A third of the time that a report is valid. */
const renewEveryMs = 60_000;
/** In milliseconds. The words of an error may change with each attempt. */
const rewordEveryMs = 10_000;

/**
 * Argo CD ignores an update of the status that leaves the health as it is, so that it would show an old message for minutes. This
 * annotation changes with the problems, and Argo CD then looks at the object again.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/reconcile/
 */
const changedAt = "vault-hooks.dev/problems-changed-at";

/**
 * Writes into VaultHealth what is wrong. Reads the object at most every 5 s, writes it when something changed, and at least once a minute.
 * Creates the object if it does not exist. Without the kind, it writes nothing.
 */
export const healthObserver: MakeObserver = ({ kube, settings, metrics }) => {
  const ref = vaultHealth(settings.watchNamespace);
  const { where } = openCustody(kube, settings.custodyNamespace);
  const { show } = addHealthMetrics(metrics);
  let memory: Memory = new Map();
  let stops: Stops = new Map();
  let last: HealthStatus = {};
  let reported: string | undefined;
  let readMs = Number.NEGATIVE_INFINITY;

  /** Remembers what it found, also while another replica acts: after a takeover, no grace period begins anew. */
  function look(round: Round, { problems = [], ...before }: HealthStatus): Report {
    const ofMembers = [...memberFindings(round, where), ...restartFindings(stops, round)];
    const findings = [...ofMembers, ...hookFindings(before.hooks ?? {}, round.at)];
    const assessment = assess(findings, round, withReported(memory, problems, round.clockMs));
    memory = assessment.memory;
    return reportOf(round, { ...assessment, problems: assessment.problems.map(redacted) }, before);
  }

  return {
    name: "health",
    async observe(round, limit) {
      stops = noteStops(stops, round);
      const seen = keysOf(look(round, { ...last, problems: [] }).problems);
      if (!round.acting || isOutage(round)) return;
      if (seen === reported && round.clockMs - readMs < readEveryMs) return;
      // in the first installation, the hooks write their outcomes before Argo CD creates the object in the last wave
      const found = (await kube.customObject(ref, limit)) ?? (await kube.createCustomObject(ref, {}, limit));
      readMs = round.clockMs;
      last = found === undefined ? {} : healthOf(found);
      show(last.hooks ?? {});
      const report = look(round, last);
      if (found !== undefined) await write(kube, { ref, found, before: last, report, round, limit });
      reported = keysOf(report.problems);
    },
  };
};

/** While Kubernetes does not answer, the report stays as it is until it expires. A missing permission is reported instead. */
function isOutage({ stale }: Round): boolean {
  return stale instanceof NotReadyError;
}

type Writing = {
  readonly ref: ObjectRef;
  readonly found: CustomObject;
  readonly before: HealthStatus;
  readonly report: Report;
  readonly round: Round;
  readonly limit: Deadline;
};

async function write(kube: Kube, { ref, found, before, report, round, limit }: Writing): Promise<void> {
  const changed = changedFields(before, report);
  if (!isDue(before, changed, round.at)) return;
  const { observedAt, validUntil, problems } = report;
  const status = { ...changed, observedAt, validUntil };
  await kube.patchCustomObject(ref, { status }, { subresource: "status", deadline: limit });
  if (changed.problems === undefined) return;
  const metadata = { annotations: { [changedAt]: observedAt } };
  await kube.patchCustomObject(ref, { metadata }, { deadline: limit });
  const regarding = { ...ref, uid: found.metadata.uid };
  for (const event of eventsFor(regarding, before.problems ?? [], problems, round.at)) {
    await kube.createEvent(event, limit);
  }
}

function isDue(before: HealthStatus, changed: ReturnType<typeof changedFields>, at: Date): boolean {
  const age = at.getTime() - Date.parse(before.observedAt ?? "");
  // it was never observed, or by a clock that was wrong
  if (!(age >= 0 && age < renewEveryMs)) return true;
  return Object.keys(changed).length > 0 && !(isRewording(before, changed) && age < rewordEveryMs);
}

function redacted(problem: Problem): Problem {
  return { ...problem, message: redactOutput(problem.message), remedy: redactOutput(problem.remedy) };
}

function keysOf(problems: readonly Problem[]): string {
  return problems.map(keyOf).join("\n");
}
