import { NotReadyError } from "../errors.ts";
import { until } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import type { NotYet } from "./await-status.ts";
import type { Cluster } from "./connection.ts";
import { isActive, isUnsealed, type MemberStatus } from "./member-status.ts";
import { probeMember } from "./probe-member.ts";

type ProbedMember = { readonly pod: string; readonly status: MemberStatus | NotYet };

/**
 * Returns the active member. Waits for an election that is in progress.
 * @throws NotReadyError at once if every member answers and none is unsealed; at the deadline otherwise
 */
export async function activeMember(cluster: Cluster): Promise<Vault> {
  let reason = "";
  async function probe(): Promise<Vault | undefined> {
    const probes = probeMembers(cluster);
    const active = await firstActive(probes);
    if (active !== undefined) return await cluster.members.connect(active);
    const members = await Promise.all(probes);
    reason = members.map(({ pod, status }) => `${pod} ${describe(status)}`).join("; ");
    if (members.some(({ status }) => !("notYet" in status) && isUnsealed(status))) reason += noQuorum;
    if (members.every(({ status }) => !("notYet" in status) && (status.sealed || !status.initialized))) {
      throw new NotReadyError(`find the active member of Vault: none is unsealed: ${reason}`, {
        todo: "Run init, unseal and join first; bootstrap runs them all.",
      });
    }
    return undefined;
  }
  return await until("Vault to have an active member", cluster.run.deadline, probe, () => reason);
}

function probeMembers(cluster: Cluster): Promise<ProbedMember>[] {
  const { name, replicas } = cluster.statefulSet;
  const pods = Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`);
  return pods.map(async (pod) => ({ pod, status: await probeMember(cluster, pod) }));
}

/** Does not wait for the other members, because a request to an unreachable one may take long to fail. */
async function firstActive(probes: readonly Promise<ProbedMember>[]): Promise<string | undefined> {
  const active = probes.map(async (probe) => {
    const { pod, status } = await probe;
    return !("notYet" in status) && isActive(status) ? pod : Promise.reject(new Error("not active"));
  });
  return await Promise.any(active).catch(() => undefined);
}

/** Without a quorum, a follower may still report the last leader. */
const noQuorum =
  ". If too few of Raft's voters answer, bring the others back; if the StatefulSet was scaled down too far, scale it up again";

function describe(status: MemberStatus | NotYet): string {
  if ("notYet" in status) return status.notYet;
  if (!status.initialized) return "is not initialised";
  if (status.sealed) return "is sealed";
  return `is unsealed and ${status.leader === undefined ? "knows no leader" : "follows"}`;
}
