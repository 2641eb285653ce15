import { openCustody } from "../custody/open-custody.ts";
import { connectKube } from "../kube/client.ts";
import type { Run } from "../run.ts";
import { renewedDeadline } from "../util/deadline.ts";
import { createMetrics } from "../util/metrics.ts";
import { createWake, type Wake } from "../util/wake.ts";
import type { WatchContext } from "./context.ts";
import { keepActing } from "./election.ts";
import { createNotifier, type Notifier } from "./notify.ts";
import type { MakeObserver, Round } from "./observer.ts";
import { isInitialised, roundPause } from "./plan.ts";
import { openRepairs, type Repairs } from "./repairs.ts";
import { serve } from "./server.ts";
import { callMs, drainMs, hungMs } from "./time-limits.ts";
import { openView, type Seen, type View } from "./view.ts";
import { addWatchMetrics } from "./watch-metrics.ts";

/**
 * Watches Vault until SIGTERM: unseals and joins members as they come up, and passes what it sees to the observers. Never
 * initialises and never configures.
 *
 * @throws ConfigError if the settings or the kubeconfig are wrong; any error that is a bug
 */
export async function watch(run: Run, makeObservers: readonly MakeObserver[]): Promise<void> {
  const { settings, log } = run;
  const crash = new AbortController();
  const end = AbortSignal.any([run.stop, crash.signal]);
  const drain = abortAfter(end, drainMs);
  const onBug = (error: unknown) => crash.abort(error);
  const kube = await connectKube(settings, renewedDeadline(callMs, drain));
  const custody = openCustody(kube, settings.custodyNamespace);
  const registry = createMetrics();
  const observers = makeObservers.map((make) => make({ settings, log, kube, metrics: registry }));
  const metrics = addWatchMetrics(
    registry,
    observers.map(({ name }) => name),
  );
  const wake = createWake();
  const endless = { ...run, deadline: { at: Number.POSITIVE_INFINITY, signal: drain } };
  const context = { run: endless, kube, custody, metrics, end, drain, onChange: wake.wake, onBug };
  const view = openView(context);
  const repairs = openRepairs(context, view);
  const notifier = createNotifier(observers, { log, errors: metrics.observerErrors, stop: end, onBug });
  const listener = await serve(settings.listen, {
    unhealthy: () =>
      Math.max(repairs.busyMs(), notifier.busyMs()) > hungMs ? "a repair or an observer hangs" : undefined,
    unready: () => (view.now() === undefined ? (view.error()?.message ?? "nothing has been read yet") : undefined),
    metrics: registry.text,
  });
  log.info({ port: listener.port }, "listening");
  await runParts(context, { view, repairs, notifier, wake });
  await listener.close();
  crash.signal.throwIfAborted();
  log.info({}, "watch ended");
}

type Parts = {
  readonly view: View;
  readonly repairs: Repairs;
  readonly notifier: Notifier;
  /** Woken by every change. */
  readonly wake: Wake;
};

/** Runs everything until the end, and returns when nothing is in progress any more. */
async function runParts(context: WatchContext, parts: Parts): Promise<void> {
  const { kube, end, onBug } = context;
  const { view, repairs, notifier } = parts;
  const { settings, log } = context.run;
  const lease = { kube, namespace: settings.watchNamespace, log, end };
  const running = [
    view.follow(end),
    keepActing({ ...lease, onActing: repairs.act, onEnded: repairs.idle }),
    completeRounds(context, parts),
  ];
  await Promise.all(running.map((part) => part.catch(onBug)));
  await Promise.all([repairs.idle(), notifier.idle()]);
  view.polls.close();
  await view.clients.close();
}

/** Looks at once at every change, and at least once in a while. */
async function completeRounds(context: WatchContext, { view, repairs, notifier, wake }: Parts): Promise<void> {
  while (!context.end.aborted) {
    const seen = view.now();
    if (seen !== undefined) {
      repairs.begin(seen);
      const round = roundOf(context, seen, repairs);
      context.metrics.show(round);
      notifier.notify(round);
    }
    await wake.pause(roundPause(seen?.members ?? []), context.end);
  }
}

function roundOf({ run }: WatchContext, { facts, members, stale }: Seen, repairs: Repairs): Round {
  const { namespace, statefulset: name } = run.settings;
  const { uid, replicas } = facts.statefulSet ?? { uid: undefined, replicas: undefined };
  return {
    at: new Date(),
    clockMs: performance.now(),
    namespace,
    statefulSet: { name, uid, replicas },
    members,
    initialised: isInitialised(replicas, members),
    keys: facts.keys,
    record: facts.record,
    recordError: facts.recordError,
    failure: repairs.failure(),
    stale,
    acting: repairs.acting(),
  };
}

/** Aborts some time after another signal does. */
function abortAfter(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const start = () => void setTimeout(() => later.abort(signal.reason), ms).unref();
  signal.addEventListener("abort", start, { once: true });
  return later.signal;
}
