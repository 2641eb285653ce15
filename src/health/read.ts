import type { Cluster } from "../connect/connection.ts";
import { AppError } from "../errors.ts";
import { type HealthStatus, healthOf, timestamp, vaultHealth } from "./vault-health.ts";

/** What VaultHealth says, and whether the watcher still keeps it up to date. */
export type Health = HealthStatus & { readonly upToDate: boolean };

/** Reads VaultHealth. @returns undefined if there is none, or if this run may not read it */
export async function readHealth({ kube, run }: Cluster): Promise<Health | undefined> {
  try {
    const found = await kube.customObject(vaultHealth(run.settings.watchNamespace));
    if (found === undefined) return undefined;
    const status = healthOf(found);
    return { ...status, upToDate: status.validUntil !== undefined && timestamp(new Date()) <= status.validUntil };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    run.log.debug({ error: error.message }, "cannot read VaultHealth");
    return undefined;
  }
}
