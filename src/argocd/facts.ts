import type { Hooks } from "../health/vault-health.ts";
import type { Application } from "./application.ts";

/** Everything that a decision depends on. */
export type Facts = {
  readonly application: Application;
  /** Whether this Application has the hooks. The others are only kept working. */
  readonly runsHooks: boolean;
  /** Vault's namespace. */
  readonly namespace:
    | { readonly name: string; readonly state: "active" | "deleting"; readonly createdAt: Date }
    | { readonly name: string; readonly state: "absent" };
  /** `exists` is undefined if it is not known. */
  readonly statefulSet: { readonly name: string; readonly exists: boolean | undefined };
  /** False only if every member has answered and none is initialised. */
  readonly initialised: boolean | undefined;
  /** How the last run of each hook ended. */
  readonly hooks: Hooks;
  readonly correctDrift: boolean;
  /** For how long each has been as it is now, in milliseconds of the monotonic clock. */
  readonly unchangedMs: Readonly<Record<"operation" | "namespace" | "statefulSet" | "initialised", number>>;
};
