import { setTimeout as delay } from "node:timers/promises";
import type * as Client from "@kubernetes/client-node";
import { redactFreeText, renewedSecret } from "../redact.ts";
import { backoff } from "../util/backoff.ts";
import { type Deadline, gaveUp, orAborted, wasStopped } from "../util/deadline.ts";
import { type ApiCall, describe } from "./api-call.ts";
import { errorOf, type Failure, failureOf, isFromKubernetes, notKubernetes } from "./failure.ts";

type Options = Client.ConfigurationOptions;

type CallOptions<T> = {
  /** Error statuses that are not an error for this call, with the result that each stands for. */
  readonly expected?: Readonly<Record<number, T>>;
  /** The same, once an earlier attempt may have succeeded although its response was lost. */
  readonly afterLostAnswer?: Readonly<Record<number, T>>;
  /** The result if the API server does not know the kind. Without it, that is an error, since another server may have answered. */
  readonly unknownKind?: { readonly value: T };
  /** Replaces the run's deadline. */
  readonly deadline?: Deadline;
  readonly contentType?: string;
};

/**
 * Makes one call. Retries after transient failures: no connection, no answer, 429, 5xx.
 * @throws AppError that names the call
 */
export type Call = <T>(apiCall: ApiCall, act: (options: Options) => Promise<T>, options?: CallOptions<T>) => Promise<T>;

/** The longest wait for one answer, in milliseconds. */
const answerTimeoutMs = 20_000;
/** The longest that one write may take, in milliseconds. Includes the exec credential plugin, which may prompt the user. */
const writeTimeoutMs = 60_000;
/**
 * Outside the cluster, how long a server that has never answered is retried, in milliseconds. It is probably the wrong one.
 */
const firstContactMs = 10_000;
/** How long a write is retried at least, even past the deadline, and at most after a stop signal, in milliseconds. */
const writeGraceMs = 20_000;

export type CallerOptions = {
  readonly fetching: Client.IsomorphicFetchHttpLibrary;
  readonly server: string;
  readonly inCluster: boolean;
  readonly deadline: Deadline;
  /** Whether Kubernetes has answered this run before. */
  readonly known?: boolean;
};

/** Creates the function that makes all calls to one API server. */
export function openCaller({ fetching, server, inCluster, deadline, known = false }: CallerOptions): Call {
  const transport = reusedConnections(fetching);
  let [reached, answered] = [known, known];
  let stoppedAt = Number.POSITIVE_INFINITY;
  const stop = deadline.signal;
  const noteStop = () => {
    if (wasStopped(stop)) stoppedAt = performance.now();
  };
  if (stop.aborted) noteStop();
  else stop.addEventListener("abort", noteStop, { once: true });

  /** @returns when to stop retrying, in milliseconds of performance.now(); this may change with the first answer */
  function retryUntil(write: boolean, own: Deadline | undefined): () => number {
    const started = performance.now();
    if (own !== undefined) return () => own.at;
    const at = write ? Math.max(deadline.at, started + writeGraceMs) : deadline.at;
    return () => {
      const stopped = Math.max(started, stoppedAt) + writeGraceMs;
      return Math.min(at, stopped, reached || inCluster ? at : started + firstContactMs);
    };
  }

  async function attempt<T>(act: () => Promise<T>, signal: AbortSignal): Promise<Outcome<T>> {
    try {
      // an exec credential plugin may run first, and a signal does not stop it
      const answer = await orAborted(signal, act());
      if (!isFromKubernetes(answer)) return failed(notKubernetes);
      [reached, answered] = [true, true];
      return { answer };
    } catch (cause) {
      return failed(failureOf(cause));
    }
  }

  function failed(failure: Failure): { readonly failure: Failure } {
    if (failure.status === undefined) transport.renew();
    else reached = true;
    answered ||= failure.fromKubernetes === true;
    // a configuration that has worked in this run is right: a proxy's backend may be restarting, or a plugin has no network
    return { failure: answered && failure.misconfigured ? { ...failure, transient: true } : failure };
  }

  return async (apiCall, act, options = {}) => {
    const write = apiCall.verb !== "get" && apiCall.verb !== "list";
    // read once, because a deadline may start again each time it is read
    const { at, signal } = options.deadline ?? (write ? { at: deadline.at, signal: neverAborted } : deadline);
    const wait = { at, signal };
    return await retry({
      attempt: () => {
        const signal = write ? AbortSignal.any([wait.signal, AbortSignal.timeout(writeTimeoutMs)]) : wait.signal;
        return attempt(() => act(transport.options(signal, options.contentType)), signal);
      },
      resultOf: ({ status, unknownPath }, answerLost) => {
        if (unknownPath && options.unknownKind !== undefined) return options.unknownKind;
        return resultOf(status, answerLost ? { ...options.expected, ...options.afterLostAnswer } : options.expected);
      },
      until: retryUntil(write, options.deadline),
      wait,
      error: (failure) => errorOf(apiCall, failure, { server, inCluster }),
      goal: `Kubernetes to ${describe(apiCall)}`,
    });
  };
}

type RetriedCall<T> = {
  readonly attempt: () => Promise<Outcome<T>>;
  readonly resultOf: (failure: Failure, answerLost: boolean) => { readonly value: T } | undefined;
  readonly until: () => number;
  readonly wait: Deadline;
  readonly error: (failure: Failure) => Error;
  /** Completes "gave up waiting for ...". */
  readonly goal: string;
};

async function retry<T>(job: RetriedCall<T>): Promise<T> {
  const { signal } = job.wait;
  let [answerLost, reason] = [false, ""];
  const nextPause = backoff({ first: 100, longest: 2000 });
  for (;;) {
    if (signal.aborted) throw gaveUp(job.goal, signal, reason);
    const outcome = await job.attempt();
    if ("answer" in outcome) return outcome.answer;
    const { failure } = outcome;
    const expected = job.resultOf(failure, answerLost);
    if (expected !== undefined) return expected.value;
    // the stop signal ended the attempt, not the cluster
    if (failure.status === undefined && wasStopped(signal)) throw gaveUp(job.goal, signal, reason);
    const pause = nextPause();
    if (!failure.transient || performance.now() + pause > job.until()) throw job.error(failure);
    answerLost ||= failure.answerLost;
    reason ||= redactFreeText(failure.reason);
    // an aborted pause ends the loop at its top
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

type Outcome<T> = { readonly answer: T } | { readonly failure: Failure };

const neverAborted = new AbortController().signal;

function resultOf<T>(status = 0, expected: Readonly<Record<number, T>> = {}): { readonly value: T } | undefined {
  return status in expected ? { value: expected[status] as T } : undefined;
}

/**
 * client-node creates a new connection pool for every request. This keeps the first one until a connection fails: by then
 * the CA or the client certificate in it may have been renewed.
 */
function reusedConnections(fetching: CallerOptions["fetching"]) {
  let pool: ReturnType<Client.RequestContext["getDispatcher"]>;
  let credential: string | undefined;
  return {
    renew() {
      pool = undefined;
    },
    options(signal: AbortSignal, contentType: string | undefined): Options {
      const send = (request: Client.RequestContext) => {
        pool ??= request.getDispatcher();
        if (pool !== undefined) request.setDispatcher(pool);
        const { Authorization: authorization } = request.getHeaders();
        // the first place where the token of an exec credential plugin is known
        if (authorization !== undefined && authorization !== credential)
          renewedSecret(authorization.replace(/^\S+ /, ""));
        credential = authorization;
        request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]));
        if (contentType !== undefined) request.setHeaderParam("Content-Type", contentType);
        return fetching.send(request);
      };
      return { httpApi: { send } };
    },
  };
}
