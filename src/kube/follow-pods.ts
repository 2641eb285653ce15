import { setTimeout as delay } from "node:timers/promises";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { AppError, NotReadyError } from "../errors.ts";
import { backoff } from "../util/backoff.ts";
import type { ApiCall } from "./api-call.ts";
import type { Call } from "./call.ts";
import { type ApiServer, errorOf, failureOf } from "./failure.ts";
import type { FollowPods, Kube, Pod } from "./kube.ts";
import type { LineStream } from "./line-stream.ts";
import { toPod } from "./workload.ts";

/** Seconds until the API server ends a watch, and the next one continues from there. */
const watchSeconds = 30;
/** In milliseconds. A connection that has died without a sign is given up then. */
const silentMs = (watchSeconds + 5) * 1000;

export type PodSource = {
  readonly call: Call;
  readonly core: CoreV1Api;
  readonly lines: LineStream;
  readonly apiServer: ApiServer;
};

/** Follows pods by a list and a watch, as informers do, and keeps only the fields that this program uses. */
export function podFollower(source: PodSource): Pick<Kube, "followPods"> {
  return {
    async followPods(namespace, options) {
      const { signal, onError } = options;
      const known: Known = { pods: new Map(), version: undefined };
      let pause = backoff({ first: 100, longest: 2000 });
      while (!signal.aborted) {
        try {
          await followOnce(source, namespace, known, options);
          pause = backoff({ first: 100, longest: 2000 });
        } catch (error) {
          if (signal.aborted) return;
          if (!(error instanceof AppError)) throw error;
          // after any error the list is the only certain state
          known.version = undefined;
          onError(error);
          await delay(pause(), undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
}

/** The pods by name, and the version of the list that a watch continues from; undefined before the first list. */
type Known = { readonly pods: Map<string, Pod>; version: string | undefined };

async function followOnce(source: PodSource, namespace: string, known: Known, options: FollowPods): Promise<void> {
  if (known.version === undefined) {
    const list = await listPods(source, namespace);
    known.pods.clear();
    for (const pod of list.pods) if (options.keep(pod.name)) known.pods.set(pod.name, pod);
    known.version = list.version;
    options.onChange([...known.pods.values()]);
  }
  await watchPods(source, namespace, known, options);
}

async function listPods({ call, core }: PodSource, namespace: string): Promise<{ pods: Pod[]; version: string }> {
  const apiCall = { verb: "list", kind: "Pods", resource: "pods", namespace } as const;
  const list = await call(apiCall, (options) => core.listNamespacedPod({ namespace }, options));
  return { pods: list.items.map(toPod), version: list.metadata?.resourceVersion ?? "" };
}

/** Returns when the API server ends the watch. @throws NotReadyError if it broke, or its version is too old */
async function watchPods(source: PodSource, namespace: string, known: Known, options: FollowPods): Promise<void> {
  const { keep, onChange } = options;
  for await (const { type, object } of events(source, namespace, known, options.signal)) {
    known.version = object.metadata?.resourceVersion ?? known.version;
    if (type === "BOOKMARK" || !keep(object.metadata?.name ?? "")) continue;
    const pod = toPod(object);
    if (type === "DELETED") known.pods.delete(pod.name);
    else known.pods.set(pod.name, pod);
    onChange([...known.pods.values()], pod.name);
  }
}

async function* events(
  { lines, apiServer }: PodSource,
  namespace: string,
  { version }: Known,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const apiCall: ApiCall = { verb: "watch", kind: "Pods", resource: "pods", namespace };
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`;
  const path = `/api/v1/namespaces/${namespace}/pods?${query}`;
  try {
    for await (const line of lines(path, AbortSignal.any([signal, AbortSignal.timeout(silentMs)]))) {
      const event = parseEvent(line);
      if (event.type === "ERROR") throw endedByServer(event.object);
      yield event;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const failure = failureOf(error);
    throw failure.status === 410
      ? endedByServer({ code: 410, message: failure.reason })
      : errorOf(apiCall, failure, apiServer);
  }
}

type WatchEvent = { readonly type: string; readonly object: V1Pod };

/** A connection that was cut in the middle of a line leaves half of it. */
function parseEvent(line: string): WatchEvent {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch (cause) {
    throw new NotReadyError("watch Pods: the API server sent a line that is not JSON", { cause });
  }
}

/** Usually 410: the version is older than the API server remembers. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
function endedByServer(status: object): NotReadyError {
  const { message, code } = status as { message?: unknown; code?: unknown };
  return new NotReadyError(`watch Pods: the API server ended the watch with ${String(code)}: ${String(message)}`);
}
