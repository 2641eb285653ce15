import { setTimeout as delay } from "node:timers/promises";
import type * as Client from "@kubernetes/client-node";
import { secret } from "../redact.ts";
import { backoff } from "../util/backoff.ts";
import { type Deadline, gaveUp, orAborted, wasStopped } from "../util/deadline.ts";
import { type ApiCall, describe } from "./api-call.ts";
import { errorOf, type Failure, failureOf, foreign, isOfKubernetes } from "./failure.ts";

type Options = Client.ConfigurationOptions;

type CallOptions<T> = {
  /** What an answer means that is no error here, by its HTTP status. */
  readonly expected?: Readonly<Record<number, T>>;
  /** The same, where an earlier try may have been done though its answer was lost. */
  readonly afterLost?: Readonly<Record<number, T>>;
  /** Until when, and by what signal it ends, instead of the run's deadline. */
  readonly deadline?: Deadline;
  readonly contentType?: string;
};

/**
 * Makes one call, and again after passing failures: no connection, no answer, 429, 5xx.
 * @throws AppError that names the call
 */
export type Call = <T>(what: ApiCall, act: (options: Options) => Promise<T>, options?: CallOptions<T>) => Promise<T>;

/** The longest wait for one answer, in milliseconds. */
const oneAnswer = 20_000;
/** The longest that one write may take with what goes before it: a login program of the kubeconfig may ask a person. */
const oneWrite = 60_000;
/** How long a server that never answered is tried from outside the cluster: more likely it is the wrong one. */
const firstContact = 10_000;
/** How long a write is tried even if the deadline is near or past, and at most once the run was told to stop. */
const writePatience = 20_000;

export type CallerOptions = {
  readonly fetching: Client.IsomorphicFetchHttpLibrary;
  readonly server: string;
  readonly inCluster: boolean;
  readonly deadline: Deadline;
  /** That Kubernetes is there was seen before. */
  readonly known?: boolean;
};

export function openCaller({ fetching, server, inCluster, deadline, known = false }: CallerOptions): Call {
  const transport = keptConnections(fetching);
  const place = { server, inCluster };
  let [reached, answered] = [known, known];
  let stoppedAt = Number.POSITIVE_INFINITY;
  const stop = deadline.signal;
  const noteStop = () => {
    if (wasStopped(stop)) stoppedAt = Date.now();
  };
  if (stop.aborted) noteStop();
  else stop.addEventListener("abort", noteStop, { once: true });

  /** Until when it is worth trying, in milliseconds since the epoch; that may change with the first answer. */
  function patience(write: boolean, own: Deadline | undefined): () => number {
    const started = Date.now();
    if (own !== undefined) return () => own.at;
    const at = write ? Math.max(deadline.at, started + writePatience) : deadline.at;
    return () => {
      const stopped = Math.max(started, stoppedAt) + writePatience;
      return Math.min(at, stopped, reached || inCluster ? at : started + firstContact);
    };
  }

  async function attempt<T>(act: () => Promise<T>, signal: AbortSignal): Promise<Outcome<T>> {
    try {
      // a login program of the kubeconfig runs first, and heeds no signal
      const answer = await orAborted(signal, act());
      if (!isOfKubernetes(answer)) return failed(foreign);
      [reached, answered] = [true, true];
      return { answer };
    } catch (cause) {
      return failed(failureOf(cause));
    }
  }

  function failed(failure: Failure): { readonly failure: Failure } {
    if (failure.status === undefined) transport.renew();
    else reached = true;
    answered ||= failure.genuine === true;
    // what has worked in this very run is not described wrongly: a proxy's backend restarts, a login program has no network
    return { failure: answered && failure.misconfigured ? { ...failure, passing: true } : failure };
  }

  return async (what, act, options = {}) => {
    const write = what.verb !== "get" && what.verb !== "list";
    // taken once: a deadline may begin anew with each look
    const { at, signal } = options.deadline ?? (write ? { at: deadline.at, signal: never } : deadline);
    const wait = { at, signal };
    return await repeat({
      attempt: () => {
        const signal = write ? AbortSignal.any([wait.signal, AbortSignal.timeout(oneWrite)]) : wait.signal;
        return attempt(() => act(transport.options(signal, options.contentType)), signal);
      },
      meaning: (status, lost) =>
        meaning(status, lost ? { ...options.expected, ...options.afterLost } : options.expected),
      until: patience(write, options.deadline),
      wait,
      error: (failure) => errorOf(what, failure, place),
      what: `Kubernetes to ${describe(what)}`,
    });
  };
}

type Job<T> = {
  readonly attempt: () => Promise<Outcome<T>>;
  readonly meaning: (status: number | undefined, lost: boolean) => { readonly value: T } | undefined;
  readonly until: () => number;
  readonly wait: Deadline;
  readonly error: (failure: Failure) => Error;
  readonly what: string;
};

async function repeat<T>(job: Job<T>): Promise<T> {
  const { signal } = job.wait;
  let [lost, reason] = [false, ""];
  const nextPause = backoff({ first: 100, longest: 2000 });
  for (;;) {
    if (signal.aborted) throw gaveUp(job.what, signal, reason);
    const outcome = await job.attempt();
    if ("answer" in outcome) return outcome.answer;
    const { failure } = outcome;
    const meant = job.meaning(failure.status, lost);
    if (meant !== undefined) return meant.value;
    // told to stop in the middle of a call: that is no fault of the cluster's
    if (failure.status === undefined && wasStopped(signal)) throw gaveUp(job.what, signal, reason);
    const pause = nextPause();
    if (!failure.passing || Date.now() + pause > job.until()) throw job.error(failure);
    lost ||= failure.lost;
    reason ||= failure.reason;
    // a pause that is broken off is seen at the loop's top
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

type Outcome<T> = { readonly answer: T } | { readonly failure: Failure };

const never = new AbortController().signal;

function meaning<T>(status = 0, expected: Readonly<Record<number, T>> = {}): { readonly value: T } | undefined {
  return status in expected ? { value: expected[status] as T } : undefined;
}

/**
 * client-node makes a new pool of connections for every request; the first one is kept instead, until a connection
 * fails: it may hold a CA or a client certificate that was renewed meanwhile.
 */
function keptConnections(fetching: CallerOptions["fetching"]) {
  let kept: ReturnType<Client.RequestContext["getDispatcher"]>;
  let credential: string | undefined;
  return {
    renew() {
      kept = undefined;
    },
    options(signal: AbortSignal, contentType: string | undefined): Options {
      const send = (request: Client.RequestContext) => {
        kept ??= request.getDispatcher();
        if (kept !== undefined) request.setDispatcher(kept);
        const { Authorization: used } = request.getHeaders();
        // a login program's token is seen here first
        if (used !== undefined && used !== credential) secret(used.replace(/^\S+ /, ""));
        credential = used;
        request.setSignal(AbortSignal.any([signal, AbortSignal.timeout(oneAnswer)]));
        if (contentType !== undefined) request.setHeaderParam("Content-Type", contentType);
        return fetching.send(request);
      };
      return { httpApi: { send } };
    },
  };
}
