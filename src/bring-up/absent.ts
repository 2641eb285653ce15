import { notAnswering } from "./refusals.ts";
import { type ClusterState, hasQuorum, silent, unsealed } from "./state.ts";
import type { Nothing, Wait } from "./step.ts";

/**
 * Decides about members that do not answer, once nothing else is left to do. While the unsealed members have no quorum, waits
 * for all of them. With a quorum, does not wait for absent members, and only for a limited time for the others.
 *
 * @param done the step if every member answered
 */
export function withoutAbsent(state: ClusterState, done: Nothing): Nothing | Wait {
  const silentMembers = silent(state.members);
  if (silentMembers.length === 0) return done;
  const wait: Wait = { act: "wait", for: notAnswering(silentMembers) };
  if (!hasQuorum(state)) return wait;
  const warning = [done.warning, absentMembers(state)].filter((text) => text !== undefined).join("; ");
  const without: Nothing = { ...done, warning };
  return silentMembers.every(({ absent }) => absent) ? without : { ...wait, otherwise: without };
}

function absentMembers({ members }: ClusterState): string {
  const pods = silent(members).map(({ pod, silence }) => `${pod} (${silence})`);
  const [are, back] = pods.length === 1 ? ["is", "it when it is back"] : ["are", "them when they are back"];
  return (
    `${pods.join(", ")} ${are} absent; ${unsealed(members).length} of ${members.length} members are unsealed, ` +
    `which is a quorum. The watcher unseals or joins ${back}; without a watcher, run unseal and join`
  );
}
