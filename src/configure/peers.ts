import type { Applied } from "../plan-apply/apply.ts";
import type { Plan } from "../plan-apply/plan.ts";
import { failuresOf, type Trouble, troublesOf } from "../plan-apply/troubles.ts";
import type { PeerPlan } from "../raft/plan.ts";
import type { Removal } from "../raft/remove.ts";

/** The changes of a run: to objects in Vault, and to Raft's peers. */
export type VaultPlan = Plan & { readonly peers?: PeerPlan };
/** The outcome of a run: of changes to objects in Vault, and of removals of Raft peers. */
export type VaultApplied = Applied & { readonly removal?: Removal };

/** How plans and results call a peer. */
const peerKind = "Raft peer";

type Named = { readonly kind: string; readonly path: string };

/** The peers that a plan removes. */
export function removalsOf({ peers }: VaultPlan): Named[] {
  return (peers?.removals ?? []).map(({ name }) => ({ kind: peerKind, path: name }));
}

/** The peers that a run removed. */
export function removedBy({ removal }: VaultApplied): Named[] {
  return (removal?.removed ?? []).map((name) => ({ kind: peerKind, path: name }));
}

/** Everything that a plan refuses or could not read. */
export function allTroublesOf(plan: VaultPlan): Trouble[] {
  return [...troublesOf(plan), ...(plan.peers?.troubles ?? []).map(troubleOf)];
}

/** Everything that failed. */
export function allFailuresOf(applied: VaultApplied): Trouble[] {
  const failed = applied.removal?.failed;
  return [...failuresOf(applied), ...(failed === undefined ? [] : [troubleOf(failed)])];
}

function troubleOf({ peer, error }: PeerPlan["troubles"][number]): Trouble {
  return { kind: peerKind, path: peer, error };
}
