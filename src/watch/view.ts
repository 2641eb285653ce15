import { expectedPods } from "../bring-up/observe.ts";
import type { Member } from "../bring-up/state.ts";
import { isUnsealed } from "../connect/member-status.ts";
import { checkTemplate, isPodOf } from "../connect/members.ts";
import { warnIfUntested } from "../connect/tested-versions.ts";
import type { AppError } from "../errors.ts";
import type { Pod } from "../kube/kube.ts";
import type { Logger } from "../logger.ts";
import type { WatchContext } from "./context.ts";
import { type Facts, openFacts } from "./facts.ts";
import { memberState } from "./member-state.ts";
import { toRepair } from "./plan.ts";
import { openPodClients, type PodClients } from "./pod-clients.ts";
import { openPolls, type Poll, type Polls } from "./polls.ts";

/** Everything that is observed of Vault, kept up to date. */
export type View = {
  readonly polls: Polls;
  readonly clients: PodClients;
  /** Keeps it up to date until the signal aborts. @throws ConfigError if no retry can help */
  follow(end: AbortSignal): Promise<void>;
  /** @returns undefined until pods and facts have been read once */
  now(): Seen | undefined;
  /** Why it is not known yet. */
  error(): AppError | undefined;
  /** Learns of pods that were read elsewhere. */
  update(pods: readonly Pod[]): void;
};

export type Seen = {
  readonly facts: Facts;
  readonly members: readonly Member[];
  /** Why Kubernetes could not be read again. */
  readonly stale: AppError | undefined;
};

/** Begins to observe nothing yet. */
export function openView({ run, kube, custody, metrics, onChange, onBug }: WatchContext): View {
  const { settings, log } = run;
  const { namespace, statefulset } = settings;
  const clients = openPodClients({ run, kube });
  const facts = openFacts({ kube, custody, settings }, { onRead: update, busy: () => toRepair(members()).length > 0 });
  const polls = openPolls(clients, polled, onBug);
  const logError = logChanges(log);
  let pods: readonly Pod[] | undefined;
  let podsError: AppError | undefined;

  function polled(pod: string, now: Poll, before: Poll | undefined): void {
    logState(log, pod, now, before);
    if (now.status !== undefined) warnIfUntested(log, now.status.version);
    const ms = sealedFor(now, before);
    if (ms !== undefined) {
      metrics.unsealSeconds.observe(ms / 1000);
      log.info({ pod, msSinceFirstAnswer: Math.round(ms) }, "member unsealed");
    }
    onChange();
  }

  function update(): void {
    const { statefulSet } = facts.current() ?? {};
    if (statefulSet !== undefined) checkTemplate(settings.address, statefulSet);
    if (pods !== undefined) {
      clients.update(pods, statefulSet);
      polls.update(pods);
    }
    logError(podsError ?? facts.error() ?? facts.current()?.recordError);
    onChange();
  }

  function updatePods(current: readonly Pod[], changed?: string): void {
    if (pods?.length !== current.length) facts.refresh();
    [pods, podsError] = [current, undefined];
    update();
    if (changed !== undefined) polls.hurry(changed);
  }

  function podsFailed(error: AppError): void {
    podsError = error;
    update();
  }

  function members(): Member[] {
    const expected = expectedPods(statefulset, facts.current()?.statefulSet?.replicas ?? 0, pods ?? []);
    return expected.map(({ pod, found }) => memberOf(pod, found, polls.last(pod)));
  }

  const keep = (name: string) => isPodOf(statefulset, name);
  return {
    polls,
    clients,
    async follow(signal) {
      const options = { signal, keep, onChange: updatePods, onError: podsFailed };
      await Promise.all([kube.followPods(namespace, options), facts.follow(signal)]);
    },
    now() {
      const current = facts.current();
      if (current === undefined || pods === undefined) return undefined;
      return { facts: current, members: members(), stale: podsError ?? facts.error() };
    },
    error: () => podsError ?? facts.error(),
    update: (all) => updatePods(all.filter(({ name }) => keep(name))),
  };
}

/** Logs each new error of Kubernetes once, and its end. */
function logChanges(log: Logger): (error: AppError | undefined) => void {
  let reported: string | undefined;
  return (error) => {
    if (error?.message === reported) return;
    reported = error?.message;
    if (error === undefined) log.info({}, "Kubernetes can be read again");
    else log.warn({ error: error.message, todo: error.todo }, "cannot read Kubernetes");
  };
}

function logState(log: Logger, pod: string, now: Poll, before: Poll | undefined): void {
  const state = memberState(now);
  if (before !== undefined && memberState(before) === state && before.silence === now.silence) return;
  log.info({ pod, state, ...(now.silence === undefined ? {} : { error: now.silence }) }, "member changed state");
}

/** @returns how long a member that is unsealed now had answered before, in milliseconds; undefined if it was not sealed before */
function sealedFor(now: Poll, before: Poll | undefined): number | undefined {
  if (before?.answeringSince === undefined || isUnsealed(before.status) || !isUnsealed(now.status)) return undefined;
  return performance.now() - before.answeringSince;
}

/** The same words as those of bring-up. */
function memberOf(pod: string, found: Pod | undefined, poll: Poll | undefined): Member {
  const silent = (silence: string, absent: boolean): Member => ({
    pod,
    uid: found?.uid,
    status: undefined,
    silence,
    absent,
  });
  if (found === undefined) return silent("there is no such pod", true);
  if (found.deleting) return silent("it is being deleted", true);
  const { uid, reason, unschedulable } = found;
  if (poll === undefined || poll.uid !== uid) return silent(reason ?? "it has not been asked yet", unschedulable);
  if (poll.status === undefined) return silent(reason ?? poll.silence ?? "no answer", unschedulable);
  return { pod, uid, status: poll.status, silence: undefined, absent: false };
}
