import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { KubeObject } from "./api.ts";
import type { Application } from "./argo.ts";
import type { Recorder, Seen } from "./recorder.ts";

export const hookNames = ["vault-init", "vault-unseal", "vault-join", "vault-configure"] as const;

/** The time of an event: its arrival in milliseconds since 1970, and etcd's revision, which orders strictly. */
export type Moment = { readonly at: number; readonly revision: number };
export type Milestone = { readonly what: string; readonly moment: Moment };

/**
 * Returns the milestones of an installation, in the expected order.
 *
 * @throws Error naming the milestone that was not recorded
 */
export function milestones(recorder: Recorder): Milestone[] {
  const { seen } = recorder;
  const hooks = hookNames.flatMap((name) => [
    { what: `${name} starts`, moment: required(`${name} starts`, hookStart(seen, name)) },
    { what: `${name} ends`, moment: required(`${name} ends`, hookEnd(seen, name)) },
  ]);
  return [
    { what: "two of Vault's pods run", moment: required("two of Vault's pods run", podsRun(seen)) },
    ...hooks,
    {
      what: "operator healthy",
      moment: required("operator healthy", applicationHealthy(seen, "vault-secrets-operator")),
    },
    {
      what: "Secret app/secretkv",
      moment: required("Secret app/secretkv", created(seen, "Secret", "app", "secretkv")),
    },
    { what: "demo healthy", moment: required("demo healthy", applicationHealthy(seen, "demo")) },
  ];
}

/** @param from when root.yaml was applied, in milliseconds since 1970 */
export function timelineTable(title: string, from: number, all: readonly Milestone[]): string {
  const rows = [{ what: "root applied", moment: { at: from, revision: 0 } }, ...all];
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, moment }) => {
    const seconds = ((moment.at - from) / 1000).toFixed(1);
    return `  ${what.padEnd(width)}  ${seconds.padStart(6)} s`;
  });
  return [title, ...lines].join("\n");
}

/** @returns the first event of an object */
export function created(seen: readonly Seen[], kind: string, namespace: string | undefined, name: string) {
  return seen.find(
    ({ kind: k, type, object: { metadata } }) =>
      k === kind && type !== "DELETED" && metadata.name === name && metadata.namespace === namespace,
  );
}

function hookStart(seen: readonly Seen[], name: string): Moment | undefined {
  return created(seen, "Job", "vault", name);
}

/** @returns the first event in which the Job had succeeded or finally failed */
export function hookEnd(seen: readonly Seen[], name: string): Moment | undefined {
  return seen.find((event) => {
    const conditions = (event.object as unknown as V1Job).status?.conditions ?? [];
    return isJob(event, name) && conditions.some(({ type, status }) => isEnd(type) && status === "True");
  });
}

/** Counts the Jobs with this name, and those that finally failed. */
export function runsOf({ seen }: Recorder, name: string): { runs: number; failed: number } {
  const jobs = seen.filter((event) => isJob(event, name));
  const failed = jobs.filter(({ object }) => hasFailed(object as unknown as V1Job));
  return { runs: uids(jobs), failed: uids(failed) };
}

function hasFailed({ status }: V1Job): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Failed" && is === "True") === true;
}

function uids(events: readonly Seen[]): number {
  return new Set(events.map(({ object }) => object.metadata.uid)).size;
}

function isJob({ kind, object: { metadata } }: Seen, name: string): boolean {
  return kind === "Job" && metadata.namespace === "vault" && metadata.name === name;
}

function isEnd(type: string): boolean {
  return type === "Complete" || type === "Failed";
}

/** Of three pods. Argo CD starts the hooks once these are Ready (ADR 17). */
const quorum = 2;

function podsRun(seen: readonly Seen[]): Moment | undefined {
  const running = new Set<string>();
  return seen.find((event) => {
    const name = event.object.metadata.name;
    if (!isVaultPod(event.kind, event.object) || !isReady(event.object as unknown as V1Pod)) return false;
    running.add(name);
    return running.size === quorum;
  });
}

function isVaultPod(kind: string, { metadata }: KubeObject): boolean {
  return kind === "Pod" && metadata.namespace === "vault" && /^vault-\d$/.test(metadata.name);
}

/** @returns whether the pod's readiness probe succeeds */
export function isReady(pod: V1Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

function applicationHealthy(seen: readonly Seen[], name: string): Moment | undefined {
  return seen.find(({ kind, object }) => {
    if (kind !== "Application" || object.metadata.name !== name) return false;
    const { status } = object as Application;
    return status?.health?.status === "Healthy" && status.sync?.status === "Synced" && succeeded(object as Application);
  });
}

function succeeded({ status }: Application): boolean {
  return status?.operationState?.phase === "Succeeded";
}

function required<T>(what: string, moment: T | undefined): T {
  if (moment === undefined) throw new Error(`not recorded: ${what}`);
  return moment;
}
