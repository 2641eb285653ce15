import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { CoordinationV1Api, V1Lease, V1MicroTime } from "@kubernetes/client-node";
import { type AppError, NotReadyError } from "../errors.ts";
import { type Deadline, deadlineIn, gaveUp } from "../util/deadline.ts";
import type { Call } from "./call.ts";
import type { Act, Kube } from "./kube.ts";

/**
 * In milliseconds. A holder that could not renew for `lostAfter` stops; only after `duration` may another take over,
 * so that there are never two. As in client-go's leader election, no two clocks are ever compared: a holder counts as
 * dead once its Lease did not change for `duration` while being watched.
 */
const duration = 20_000;
const lostAfter = 15_000;
const renewEvery = 3000;
const lookEvery = 500;

type LeaseLocation = {
  readonly call: Call;
  readonly api: CoordinationV1Api;
  readonly namespace: string;
  readonly name: string;
  /** Leases want microseconds, which a plain Date does not write. */
  readonly now: () => V1MicroTime;
};

export function leases(call: Call, api: CoordinationV1Api, now: () => V1MicroTime): Pick<Kube, "underLease"> {
  return {
    async underLease(namespace, name, signal, act) {
      const place = { call, api, namespace, name, now };
      const holder = `${hostname()}_${randomUUID()}`;
      return await holding(place, holder, await acquire(place, holder, signal), act);
    },
  };
}

type Held = { lease: V1Lease; since: number };

async function acquire(place: LeaseLocation, holder: string, signal: AbortSignal): Promise<Held> {
  let seen: { readonly version: string; readonly at: number } | undefined;
  let found: V1Lease | undefined;
  while (!signal.aborted) {
    const since = Date.now();
    found = await read(place, { at: Number.POSITIVE_INFINITY, signal });
    const version = found?.metadata?.resourceVersion ?? "";
    if (version !== seen?.version) seen = { version, at: since };
    if (isFree(found) || since - seen.at >= durationOf(found)) {
      const lease = await write(place, claimed(found, place, holder));
      if (lease !== undefined) return { lease, since };
      found = undefined; // somebody else was faster: whoever held it holds it no longer
    } else await delay(lookEvery, undefined, { signal }).catch(() => undefined);
  }
  throw notGot(place, signal, found);
}

function isFree(lease: V1Lease | undefined): boolean {
  return !lease?.spec?.holderIdentity;
}

function durationOf(lease: V1Lease | undefined): number {
  return (lease?.spec?.leaseDurationSeconds ?? 0) * 1000;
}

function claimed(before: V1Lease | undefined, { name, now }: LeaseLocation, holder: string): V1Lease {
  const leaseTransitions = (before?.spec?.leaseTransitions ?? -1) + 1;
  const spec = {
    holderIdentity: holder,
    leaseDurationSeconds: duration / 1000,
    acquireTime: now(),
    renewTime: now(),
    leaseTransitions,
  };
  return { metadata: before?.metadata ?? { name }, spec } as V1Lease;
}

/**
 * Runs `act` with the Lease renewed beside it, and gives it back at the end. Where the Lease was lost, `act` is told by
 * its signal and its end is awaited all the same, so that nothing goes on behind the caller's back.
 */
async function holding<T>(place: LeaseLocation, holder: string, held: Held, act: Act<T>): Promise<T> {
  const lost = new AbortController();
  const done = new AbortController();
  const renewing = renewUntil(done.signal, place, holder, held).catch((error: unknown) => lost.abort(error));
  try {
    const result = await act(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    done.abort();
    await renewing;
    if (!lost.signal.aborted) await release(place, held);
  }
}

/** @throws NotReadyError when it was not renewed in time, or someone else holds it */
async function renewUntil(done: AbortSignal, place: LeaseLocation, holder: string, held: Held): Promise<void> {
  for (;;) {
    await delay(renewEvery, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    const deadline = {
      at: held.since + lostAfter,
      signal: AbortSignal.timeout(Math.max(1, held.since + lostAfter - Date.now())),
    };
    const since = Date.now();
    const renewed = await renew(place, holder, held.lease, deadline).catch((cause: AppError) => {
      throw lostLease(place, cause.message);
    });
    if (renewed === undefined) throw lostLease(place, "someone else holds it");
    held.lease = renewed;
    held.since = since;
  }
}

async function renew(
  place: LeaseLocation,
  holder: string,
  lease: V1Lease,
  deadline: Deadline,
): Promise<V1Lease | undefined> {
  const next = (from: V1Lease) => ({ ...from, spec: { ...from.spec, renewTime: place.now() } }) as V1Lease;
  const renewed = await write(place, next(lease), deadline);
  if (renewed !== undefined) return renewed;
  // changed since: by an own try whose answer was lost, by someone's annotation, or by another holder
  const found = await read(place, deadline);
  return found?.spec?.holderIdentity === holder ? await write(place, next(found), deadline) : undefined;
}

/** A Lease that cannot be given back expires by itself. */
async function release(place: LeaseLocation, { lease }: Held): Promise<void> {
  const free = { ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 } } as V1Lease;
  await write(place, free, deadlineIn(5000)).catch(() => undefined);
}

async function read({ call, api, namespace, name }: LeaseLocation, deadline?: Deadline): Promise<V1Lease | undefined> {
  const what = { verb: "get", kind: "Lease", resource: "leases.coordination.k8s.io", namespace, name } as const;
  const act = (options: object) => api.readNamespacedLease({ namespace, name }, options);
  return await call<V1Lease | undefined>(what, act, { expected: { 404: undefined }, ...(deadline && { deadline }) });
}

/** @returns undefined if it changed since it was read, or is there although it was not */
async function write(place: LeaseLocation, body: V1Lease, deadline?: Deadline): Promise<V1Lease | undefined> {
  const { call, api, namespace, name } = place;
  const exists = body.metadata?.resourceVersion !== undefined;
  const verb = exists ? "update" : "create";
  const what = { verb, kind: "Lease", resource: "leases.coordination.k8s.io", namespace, name } as const;
  const act = (options: object) =>
    exists
      ? api.replaceNamespacedLease({ namespace, name, body }, options)
      : api.createNamespacedLease({ namespace, body }, options);
  const expected = exists ? { 404: undefined, 409: undefined } : { 409: undefined };
  return await call<V1Lease | undefined>(what, act, { expected, ...(deadline && { deadline }) });
}

function notGot({ namespace, name }: LeaseLocation, signal: AbortSignal, lease?: V1Lease): NotReadyError {
  const { holderIdentity, acquireTime } = lease?.spec ?? {};
  const since = acquireTime === undefined ? "" : ` since ${new Date(acquireTime).toISOString()}`;
  return gaveUp(`Lease ${namespace}/${name}`, signal, holderIdentity ? `${holderIdentity} holds it${since}` : "");
}

function lostLease({ namespace, name }: LeaseLocation, reason: string): NotReadyError {
  return new NotReadyError(`lost Lease ${namespace}/${name} while working: ${reason}`, {
    todo: "Run it again: it looks at everything anew and goes on where it stood.",
  });
}
