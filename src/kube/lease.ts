import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { CoordinationV1Api, V1Lease, V1MicroTime } from "@kubernetes/client-node";
import { type AppError, NotReadyError } from "../errors.ts";
import { type Deadline, deadlineIn, gaveUp } from "../util/deadline.ts";
import type { Call } from "./call.ts";
import type { Act, Kube } from "./kube.ts";

/**
 * In milliseconds. A holder that could not renew for `lostAfterMs` stops; another may take over only after `durationMs`, so
 * that there are never two. As in client-go's leader election, two clocks are never compared: a holder counts as dead once
 * its Lease did not change for `durationMs` while it was watched. Times are measured by performance.now(), because the wall
 * clock jumps when it is set.
 */
const durationMs = 20_000;
const lostAfterMs = 15_000;
const renewEveryMs = 3000;

type LeaseLocation = {
  readonly call: Call;
  readonly api: CoordinationV1Api;
  readonly namespace: string;
  readonly name: string;
  readonly holder: string;
  readonly pollMs: number;
  /** A Lease's times have microseconds, which a plain Date lacks. */
  readonly now: () => V1MicroTime;
};

/** Holds Leases. @param now the current time, as a Lease has it */
export function leases(call: Call, api: CoordinationV1Api, now: () => V1MicroTime): Pick<Kube, "underLease"> {
  return {
    async underLease(namespace, name, signal, act, wish = {}) {
      const { holder = `${hostname()}_${randomUUID()}`, pollMs = 500 } = wish;
      const location = { call, api, namespace, name, holder, pollMs, now };
      return await runHolding(location, await acquire(location, signal), act);
    },
  };
}

/** The Lease as last written, and when that request was sent, in milliseconds of performance.now(). */
type HeldLease = { lease: V1Lease; since: number };

async function acquire(location: LeaseLocation, signal: AbortSignal): Promise<HeldLease> {
  let lastChange: { readonly version: string; readonly at: number } | undefined;
  let found: V1Lease | undefined;
  while (!signal.aborted) {
    const since = performance.now();
    found = await read(location, { at: Number.POSITIVE_INFINITY, signal });
    const version = found?.metadata?.resourceVersion ?? "";
    if (version !== lastChange?.version) lastChange = { version, at: since };
    if (isFree(found, location) || since - lastChange.at >= durationOf(found)) {
      const lease = await write(location, withHolder(found, location));
      if (lease !== undefined) return { lease, since };
      found = undefined; // another run was faster, so the holder just read is out of date
    } else await delay(location.pollMs, undefined, { signal }).catch(() => undefined);
  }
  throw notAcquired(location, signal, found);
}

/** A Lease with this very holder was taken by a request of this run whose response was lost, or by an ended process. */
function isFree(lease: V1Lease | undefined, { holder }: LeaseLocation): boolean {
  const current = lease?.spec?.holderIdentity;
  return !current || current === holder;
}

function durationOf(lease: V1Lease | undefined): number {
  return (lease?.spec?.leaseDurationSeconds ?? 0) * 1000;
}

function withHolder(before: V1Lease | undefined, { name, now, holder }: LeaseLocation): V1Lease {
  const leaseTransitions = (before?.spec?.leaseTransitions ?? -1) + 1;
  const spec = {
    holderIdentity: holder,
    leaseDurationSeconds: durationMs / 1000,
    acquireTime: now(),
    renewTime: now(),
    leaseTransitions,
  };
  return { metadata: before?.metadata ?? { name }, spec } as V1Lease;
}

/**
 * Runs `act` while renewing the Lease, and releases it at the end. If the Lease is lost, the signal of `act` aborts; its end
 * is awaited all the same, so that nothing runs on after this returns.
 */
async function runHolding<T>(location: LeaseLocation, held: HeldLease, act: Act<T>): Promise<T> {
  const lost = new AbortController();
  const done = new AbortController();
  const renewing = renewUntil(done.signal, location, held).catch((error: unknown) => lost.abort(error));
  try {
    const result = await act(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    done.abort();
    await renewing;
    if (!lost.signal.aborted) await release(location, held);
  }
}

/** @throws NotReadyError if it was not renewed in time, or another run holds it */
async function renewUntil(done: AbortSignal, location: LeaseLocation, held: HeldLease): Promise<void> {
  for (;;) {
    await delay(renewEveryMs, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    const deadline = {
      at: held.since + lostAfterMs,
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(held.since + lostAfterMs - performance.now()))),
    };
    const since = performance.now();
    const renewed = await renew(location, held.lease, deadline).catch((cause: AppError) => {
      throw lostLease(location, cause.message);
    });
    if (renewed === undefined) throw lostLease(location, "another run holds it");
    held.lease = renewed;
    held.since = since;
  }
}

async function renew(location: LeaseLocation, lease: V1Lease, deadline: Deadline): Promise<V1Lease | undefined> {
  const next = (from: V1Lease) => ({ ...from, spec: { ...from.spec, renewTime: location.now() } }) as V1Lease;
  const renewed = await write(location, next(lease), deadline);
  if (renewed !== undefined) return renewed;
  // it has changed: by an attempt of this run whose response was lost, by an annotation, or by another holder
  const found = await read(location, deadline);
  return found?.spec?.holderIdentity === location.holder ? await write(location, next(found), deadline) : undefined;
}

/** Errors are ignored, because a Lease that is not released expires. */
async function release(location: LeaseLocation, { lease }: HeldLease): Promise<void> {
  const free = { ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 } } as V1Lease;
  await write(location, free, deadlineIn(5000)).catch(() => undefined);
}

async function read({ call, api, namespace, name }: LeaseLocation, deadline?: Deadline): Promise<V1Lease | undefined> {
  const apiCall = { verb: "get", kind: "Lease", resource: "leases.coordination.k8s.io", namespace, name } as const;
  const act = (options: object) => api.readNamespacedLease({ namespace, name }, options);
  return await call<V1Lease | undefined>(apiCall, act, { expected: { 404: undefined }, ...(deadline && { deadline }) });
}

/** Creates or replaces it. @returns undefined if it has changed, appeared or disappeared since it was read */
async function write(location: LeaseLocation, body: V1Lease, deadline?: Deadline): Promise<V1Lease | undefined> {
  const { call, api, namespace, name } = location;
  const exists = body.metadata?.resourceVersion !== undefined;
  const verb = exists ? "update" : "create";
  const apiCall = { verb, kind: "Lease", resource: "leases.coordination.k8s.io", namespace, name } as const;
  const act = (options: object) =>
    exists
      ? api.replaceNamespacedLease({ namespace, name, body }, options)
      : api.createNamespacedLease({ namespace, body }, options);
  const expected = exists ? { 404: undefined, 409: undefined } : { 409: undefined };
  return await call<V1Lease | undefined>(apiCall, act, { expected, ...(deadline && { deadline }) });
}

function notAcquired({ namespace, name }: LeaseLocation, signal: AbortSignal, lease?: V1Lease): NotReadyError {
  const { holderIdentity, acquireTime } = lease?.spec ?? {};
  const since = acquireTime === undefined ? "" : ` since ${new Date(acquireTime).toISOString()}`;
  return gaveUp(`Lease ${namespace}/${name}`, signal, holderIdentity ? `${holderIdentity} holds it${since}` : "");
}

function lostLease({ namespace, name }: LeaseLocation, reason: string): NotReadyError {
  return new NotReadyError(`lost Lease ${namespace}/${name} while working: ${reason}`, {
    todo: "Run it again: it reads the state again and continues from there.",
  });
}
