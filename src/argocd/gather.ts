import { healthOf, vaultHealth } from "../health/vault-health.ts";
import type { Kube, ObjectRef } from "../kube/kube.ts";
import type { Settings } from "../settings.ts";
import type { Deadline } from "../util/deadline.ts";
import type { Round } from "../watch/observer.ts";
import type { Application } from "./application.ts";
import type { Facts } from "./facts.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** The facts that are the same for every Application. */
export type Surroundings = Omit<Facts, "application" | "runsHooks"> & {
  /** The object VaultHealth, for Events; undefined if there is none. */
  readonly health: (ObjectRef & { readonly uid: string }) | undefined;
};

type Sources = {
  readonly kube: Kube;
  readonly settings: Pick<Settings, "watchNamespace" | "correctDrift">;
  readonly stopwatch: Stopwatch;
};

type Health = Pick<Surroundings, "health" | "hooks">;

/** Reads how the hooks ended. */
export async function readHealth({ kube, settings }: Omit<Sources, "stopwatch">, limit: Deadline): Promise<Health> {
  const ref = vaultHealth(settings.watchNamespace);
  const found = await kube.customObject(ref, limit);
  if (found === undefined) return { health: undefined, hooks: {} };
  return { health: { ...ref, uid: found.metadata.uid }, hooks: healthOf(found).hooks ?? {} };
}

type Seen = Health & { readonly round: Round; readonly limit: Deadline };

/** Reads Vault's namespace, and adds what the watcher knows of Vault. */
export async function lookAround({ kube, settings, stopwatch }: Sources, seen: Seen): Promise<Surroundings> {
  const { round, limit, health, hooks } = seen;
  const namespace = await namespaceOf(kube, round.namespace, limit);
  // a stale round may be from before the namespace was deleted
  const known = round.stale === undefined;
  const exists = known ? round.statefulSet.uid !== undefined : undefined;
  const initialised = known ? round.initialised : undefined;
  const unchangedMs = (name: string, value: unknown) => stopwatch.unchangedMs(name, String(value), round.clockMs);
  return {
    health,
    hooks,
    namespace,
    statefulSet: { name: round.statefulSet.name, exists },
    initialised,
    correctDrift: settings.correctDrift,
    unchangedMs: {
      namespace: unchangedMs("namespace", namespace.state),
      statefulSet: unchangedMs("statefulSet", exists),
      initialised: unchangedMs("initialised", initialised),
      operation: 0,
    },
  };
}

/** Completes the facts for one Application. @param name of the Application, unique among all */
export function factsOf(
  name: string,
  application: Application,
  runsHooks: boolean,
  { around, stopwatch, clockMs }: { around: Surroundings; stopwatch: Stopwatch; clockMs: number },
): Facts {
  const { phase, message, startedAt, finishedAt } = application.status?.operationState ?? {};
  const operation = JSON.stringify([application.operation !== undefined, phase, message, startedAt, finishedAt]);
  const operationMs = stopwatch.unchangedMs(`operation of ${name}`, operation, clockMs);
  return { ...around, application, runsHooks, unchangedMs: { ...around.unchangedMs, operation: operationMs } };
}

async function namespaceOf(kube: Kube, name: string, limit: Deadline): Promise<Facts["namespace"]> {
  const found = await kube.namespace(name, limit);
  if (found === undefined) return { name, state: "absent" };
  return { name, state: found.deleting ? "deleting" : "active", createdAt: found.createdAt };
}
