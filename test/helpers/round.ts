import type { Round } from "../../src/watch/observer.ts";

/** A round of a watcher that acts, and has seen nothing of Vault yet. @param more replaces some fields */
export function emptyRound(more: Partial<Round> = {}): Round {
  return {
    at: new Date(),
    clockMs: 0,
    namespace: "vault",
    statefulSet: { name: "vault", uid: undefined, replicas: undefined },
    members: [],
    initialised: undefined,
    keys: { kind: "missing" },
    record: undefined,
    recordError: undefined,
    failure: undefined,
    stale: undefined,
    acting: true,
    ...more,
  };
}
