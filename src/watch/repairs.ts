import type { Member } from "../bring-up/state.ts";
import type { Members } from "../connect/members.ts";
import { type AppError, NotReadyError } from "../errors.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { WatchContext } from "./context.ts";
import { openFailures } from "./failures.ts";
import type { RepairFailure } from "./observer.ts";
import { toRepair } from "./plan.ts";
import { repair } from "./repair.ts";
import type { Seen, View } from "./view.ts";
import { resultOf } from "./watch-metrics.ts";

/** In milliseconds. */
const waitMs = 500;

/** Runs one repair at a time, while this replica acts. */
export type Repairs = {
  /** Begins a repair if a member needs one and none is in progress. Returns at once. */
  begin(seen: Seen): void;
  /** This replica acts until `lost` aborts. */
  act(lost: AbortSignal): void;
  acting(): boolean;
  failure(): RepairFailure | undefined;
  /** How long the present repair has been in progress, in milliseconds; 0 without one. */
  busyMs(): number;
  /** Resolves when no repair is in progress. */
  idle(): Promise<void>;
};

/** Begins nothing yet. */
export function openRepairs(context: WatchContext, view: View): Repairs {
  const { run, metrics, end, drain, custody, onChange, onBug } = context;
  const failures = openFailures();
  const [kube, members] = [sharingPods(context.kube, view), answering(view)];
  let lost = AbortSignal.abort();
  let work: Promise<void> | undefined;
  let since = 0;
  /** After a repair that could only wait, the same situation is looked at again a little later. */
  let waiting = { situation: "", until: 0 };

  const counterOf = (change: "unseal" | "join") => (change === "join" ? metrics.joins : metrics.unseals);
  const isBackingOff = (pod: string | undefined) => failures.isBackingOff(pod, situationOf(view, pod));
  const podsBackingOff = (all: readonly Member[]) =>
    new Set(all.flatMap(({ pod }) => (isBackingOff(pod) ? [pod] : [])));

  function changed(change: "unseal" | "join", pod: string): void {
    counterOf(change).add({ result: "ok" });
    failures.clear(pod);
    failures.clear(undefined);
    view.polls.hurry(pod);
  }

  function failed(change: "unseal" | "join" | undefined, pod: string | undefined, error: AppError): void {
    const { message, todo, exitCode } = error;
    if (change !== undefined) counterOf(change).add(resultOf(error));
    if (failures.newest()?.error.message !== message)
      run.log.warn({ pod, exitCode, error: message, todo }, "repair failed, will retry");
    failures.note(pod, situationOf(view, pod), error);
  }

  async function begin(statefulSet: StatefulSet): Promise<void> {
    const bringUp = { cluster: { run, kube, statefulSet, members }, custody, recovery: {} };
    const backingOff = () => podsBackingOff(view.now()?.members ?? []);
    const situation = situationOf(view, undefined);
    const tried = await repair(bringUp, { end: AbortSignal.any([end, lost]), drain }, { backingOff, changed, failed });
    if (!tried) waiting = { situation, until: performance.now() + waitMs };
  }

  return {
    begin({ facts: { statefulSet }, members: all }) {
      const needed = toRepair(all);
      failures.keepOnly(needed.map(({ pod }) => pod));
      if (needed.length === 0) failures.clear(undefined);
      if (work !== undefined || lost.aborted || end.aborted || statefulSet === undefined) return;
      if (isBackingOff(undefined) || podsBackingOff(needed).size === needed.length) return;
      if (waiting.situation === situationOf(view, undefined) && performance.now() < waiting.until) return;
      since = performance.now();
      work = begin(statefulSet)
        .catch(onBug)
        .finally(() => {
          work = undefined;
          onChange();
        });
    },
    act(signal) {
      lost = signal;
      lost.addEventListener("abort", onChange, { once: true });
      onChange();
    },
    acting: () => !lost.aborted && !end.aborted,
    failure: failures.newest,
    busyMs: () => (work === undefined ? 0 : performance.now() - since),
    idle: async () => await work,
  };
}

/** Two situations that differ give a failed repair a new chance: the pod was restarted, or custody has other keys. */
function situationOf(view: View, pod: string | undefined): string {
  const seen = view.now();
  const polls = (seen?.members ?? []).map((member) => ({ ...view.polls.last(member.pod), pod: member.pod }));
  const relevant = pod === undefined ? polls : polls.filter((poll) => poll.pod === pod);
  const states = relevant.map(({ pod: name, uid, answeringSince }) => `${name} ${uid} ${answeringSince}`);
  return [seen?.facts.keysId, ...states].join(", ");
}

/** A repair lists the pods anew: what it learns, the view learns too, before a share is sent to an address. */
function sharingPods(kube: Kube, view: View): Kube {
  return {
    ...kube,
    async pods(namespace) {
      const pods = await kube.pods(namespace);
      view.update(pods);
      return pods;
    },
  };
}

/** A member that was silent a moment ago is not waited for: with a node lost, every observation would take seconds. */
function answering({ polls, clients }: View): Members {
  return {
    async connect(pod, timeoutMs) {
      const silence = timeoutMs === undefined ? undefined : polls.last(pod)?.silence;
      if (silence !== undefined) throw new NotReadyError(silence);
      return await clients.connect(pod, timeoutMs);
    },
    close: () => clients.close(),
  };
}
