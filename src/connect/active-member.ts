import { NotReadyError } from "../errors.ts";
import { until } from "../util/deadline.ts";
import type { Vault } from "../vault/client.ts";
import { type NotYet, readStatusOnce } from "./await-status.ts";
import type { Cluster } from "./connection.ts";
import type { MemberStatus } from "./member-status.ts";

type Probed = { readonly pod: string; readonly vault?: Vault; readonly status: MemberStatus | NotYet };

/**
 * The member that leads, waiting for an election that is under way.
 * @throws NotReadyError at once where every member answers and none is unsealed; at the deadline otherwise
 */
export async function activeMember(cluster: Cluster): Promise<Vault> {
  let reason = "";
  async function probe(): Promise<Vault | undefined> {
    const looks = probeMembers(cluster);
    const active = await firstThatLeads(looks);
    if (active !== undefined) return active;
    const members = await Promise.all(looks);
    reason = members.map(({ pod, status }) => `${pod} ${tell(status)}`).join("; ");
    if (members.every(({ status }) => !("notYet" in status) && (status.sealed || !status.initialized))) {
      throw new NotReadyError(`find the active member of Vault: none is unsealed: ${reason}`, {
        todo: "Run init, unseal and join first; bootstrap runs them all.",
      });
    }
    return undefined;
  }
  return await until("Vault to have an active member", cluster.run.deadline, probe, () => reason);
}

function probeMembers({ statefulSet, members }: Cluster): Promise<Probed>[] {
  const pods = Array.from({ length: statefulSet.replicas }, (_, ordinal) => `${statefulSet.name}-${ordinal}`);
  return pods.map(async (pod) => {
    const vault = await members.connect(pod).catch(unreached);
    if (vault instanceof NotReadyError) return { pod, status: { notYet: vault.message } };
    return { pod, vault, status: await readStatusOnce(vault) };
  });
}

/** Does not wait for the others: one that cannot be reached may take long to say so. */
async function firstThatLeads(looks: readonly Promise<Probed>[]): Promise<Vault | undefined> {
  const leading = looks.map(async (look) => {
    const { vault, status } = await look;
    return vault !== undefined && leads(status) ? vault : Promise.reject(new Error("does not lead"));
  });
  return await Promise.any(leading).catch(() => undefined);
}

/** One member that cannot be reached does not stand in the way of another that leads. */
function unreached(error: unknown): NotReadyError {
  if (error instanceof NotReadyError) return error;
  throw error;
}

/** Without high availability, which Raft always has, the one server that is open is the active one. */
function leads(status: MemberStatus | NotYet): boolean {
  return !("notYet" in status) && status.initialized && !status.sealed && (status.active || !status.ha);
}

function tell(status: MemberStatus | NotYet): string {
  if ("notYet" in status) return status.notYet;
  if (!status.initialized) return "is not initialised";
  return status.sealed ? "is sealed" : "is open and follows";
}
