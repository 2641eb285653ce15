import type { Member } from "../bring-up/state.ts";

/** The states of a member, as metrics name them. */
export const memberStates = ["uninitialized", "sealed", "standby", "active", "removed", "unreachable"] as const;
export type MemberState = (typeof memberStates)[number];

/** The state of one member, in one word. */
export function memberState({ status }: Pick<Member, "status">): MemberState {
  if (status === undefined) return "unreachable";
  if (status.removed) return "removed";
  if (!status.initialized) return "uninitialized";
  if (status.sealed) return "sealed";
  return status.active || !status.ha ? "active" : "standby";
}
