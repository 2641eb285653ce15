import { underLease } from "../connect/lease.ts";
import type { AppError } from "../errors.ts";
import type { BringUp } from "./context.ts";
import type { ClusterState } from "./state.ts";

type Step = { readonly act: string; readonly error?: AppError };
type Refusal = { readonly error: AppError; readonly state: ClusterState };

/**
 * Throws a refusal once it is certain. While another run initialises Vault, and keeps the answer, it looks as if the keys were lost;
 * that run holds the Lease, so this one waits for it and looks again. So it does wherever there are no keys: what a look finds in
 * custody may be older than what it finds in Vault.
 *
 * @param look looks at everything anew
 * @returns where there is nothing to refuse any more
 * @throws the refusal; NotReadyError while the other run is at work
 */
export async function refuse(bringUp: BringUp, refusal: Refusal, look: () => Promise<Step>): Promise<void> {
  if (refusal.state.keys.kind !== "none") throw refusal.error;
  const again = await underLease(bringUp.cluster, look);
  if (again.act === "refuse" && again.error !== undefined) throw again.error;
}
