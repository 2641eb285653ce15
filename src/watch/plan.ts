import { type JoinChange, planJoin } from "../bring-up/join/plan.ts";
import { type Answered, answered, type ClusterState, type Member, sealed, unsealed } from "../bring-up/state.ts";
import type { Step } from "../bring-up/step.ts";
import { planUnseal } from "../bring-up/unseal/plan.ts";
import { isUnsealed, type MemberStatus } from "../connect/member-status.ts";

/**
 * The members that unseal or join could help. Not a member that was removed or unseals itself; not a new member before one
 * is unsealed that it could join.
 */
export function toRepair(members: readonly Member[]): Answered[] {
  const closed = sealed(members).filter(({ status }) => !status.removed && !status.autoUnseal);
  const fresh = answered(members).filter(({ status }) => !status.initialized && status.storage === "raft");
  return [...closed, ...(unsealed(members).length > 0 ? fresh : [])];
}

/**
 * Decides the next step of a repair: as `unseal` while no member is unsealed, else as `join`, which unseals too.
 * @param backingOff pods whose last repair failed a moment ago: they must not hold up the others
 */
export function planRepair(state: ClusterState, backingOff: ReadonlySet<string>): Step<JoinChange> {
  const waiting = new Set(toRepair(state.members).flatMap(({ pod }) => (backingOff.has(pod) ? [pod] : [])));
  const members = state.members.filter(({ pod }) => !waiting.has(pod));
  return unsealed(members).length > 0 ? planJoin({ ...state, members }) : planUnseal({ ...state, members });
}

/**
 * Whether Vault is initialised: false only if every replica has answered and none is; undefined while this is not known.
 * @param replicas undefined if there is no StatefulSet
 */
export function isInitialised(replicas: number | undefined, members: readonly Member[]): boolean | undefined {
  const statuses = answered(members);
  if (statuses.some(({ status }) => status.initialized)) return true;
  return replicas !== undefined && replicas > 0 && statuses.length >= replicas ? false : undefined;
}

/**
 * In milliseconds. A change is followed at once. Between changes, rounds notice what has lasted too long, and let observers read
 * again.
 */
const roundPauses = { calm: 2000, busy: 1000 };

/** The longest pause between two rounds, in milliseconds. It is shorter if a member needs a repair, which may have to be tried again. */
export function roundPause(members: readonly Member[]): number {
  return toRepair(members).length > 0 ? roundPauses.busy : roundPauses.calm;
}

/** In milliseconds. */
const pollPauses = { calm: 1000, busy: 250 };
/** How long a change is followed closely, in milliseconds. A container that starts slowly is not forgotten before that. */
const closelyMs = 300_000;

type Poll = { readonly status: MemberStatus | undefined; readonly unchangedMs: number };

/**
 * The pause before a member is asked again, in milliseconds: short while it does not answer or is not well, since the next
 * answer may be the one that matters.
 */
export function pollPause({ status, unchangedMs }: Poll): number {
  const calm = status !== undefined && isWell(status);
  return calm || unchangedMs > closelyMs ? pollPauses.calm : pollPauses.busy;
}

function isWell(status: MemberStatus): boolean {
  const { ha, active, leader } = status;
  return isUnsealed(status) && (!ha || active || leader !== undefined);
}
