import { awaitStatus, readStatusOnce } from "../../connect/await-status.ts";
import type { Cluster } from "../../connect/connection.ts";
import { addressAmongMembers, readCa } from "../../connect/members.ts";
import { NotReadyError } from "../../errors.ts";
import { until } from "../../util/deadline.ts";
import type { Vault } from "../../vault/client.ts";
import { isTransient, VaultError } from "../../vault/error.ts";
import type { BringUp, Outcome } from "../context.ts";
import { reconcile, type Work } from "../reconcile.ts";
import type { ClusterState } from "../state.ts";
import { unsealWithCustody } from "../unseal/run.ts";
import { type JoinChange, planJoin } from "./plan.ts";

const work: Work<JoinChange> = {
  goal: "every member of Vault to have joined",
  scope: { storage: false, journal: false },
  plan: planJoin,
  apply: applyJoin,
};

/**
 * Joins every member that is not initialised to the Raft cluster, one by one: each is unsealed and follows the leader
 * before the next. A member whose volume was wiped joins again in the same way.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each names the obstacle and what to do about it
 */
export async function join(bringUp: BringUp): Promise<Outcome> {
  return await reconcile(bringUp, work);
}

/** Makes one change: unseals a member, or asks it to join, unseals it and waits until it follows the leader. */
export async function applyJoin(
  bringUp: BringUp,
  change: JoinChange & { readonly state: ClusterState },
): Promise<string> {
  if (change.act === "join") await askToJoin(bringUp, change.pod, change.leader);
  if (change.act === "unseal" || !change.autoUnseal) await unsealWithCustody(bringUp, change.state, change.pod);
  // not for a member that was only sealed, because there may be no leader until the next one is unsealed too
  if (change.act === "join") await awaitFollowing(bringUp, change.pod);
  return `${change.act === "join" ? "joined" : "unsealed"} ${change.pod}`;
}

/** @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#join-a-raft-cluster */
async function askToJoin({ cluster }: BringUp, pod: string, leader: string): Promise<void> {
  const { run, members } = cluster;
  const vault = await members.connect(pod);
  const body = await joinRequest(cluster, leader);
  let reason = "";
  async function attempt(): Promise<true | undefined> {
    const status = await readStatusOnce(vault);
    if (!("notYet" in status) && status.initialized) return true;
    reason = await tryJoin(vault, body);
    return reason === "" ? true : undefined;
  }
  await until(`${pod} to join ${leader}`, run.deadline, attempt, () => reason);
  run.log.info({ pod, leader: body.leader_api_addr }, "joined");
}

/** The joining member checks the leader's certificate against the same CA and name as this process. */
async function joinRequest({ run, statefulSet }: Cluster, leader: string) {
  const { origin, servername } = addressAmongMembers(run, statefulSet, leader);
  const ca = origin.startsWith("https:") ? await readCa(run.settings.caFile) : undefined;
  return {
    leader_api_addr: origin,
    ...(ca === undefined ? {} : { leader_ca_cert: ca }),
    // Vault ignores the name without a CA
    ...(ca === undefined || servername === undefined ? {} : { leader_tls_servername: servername }),
  };
}

/** @returns the reason why it has not joined yet; empty if it has */
async function tryJoin(vault: Vault, body: Record<string, unknown>): Promise<string> {
  try {
    await vault.write("sys/storage/raft/join", body, { once: true });
    return "";
  } catch (error) {
    if (error instanceof NotReadyError) return error.message;
    if (error instanceof VaultError && isTransient(error.status)) return error.message;
    throw error;
  }
}

async function awaitFollowing({ cluster }: BringUp, pod: string): Promise<void> {
  const vault = await cluster.members.connect(pod);
  await awaitStatus(vault, cluster.run.deadline, "be unsealed and know its leader", (status) => {
    return !status.sealed && status.clusterId !== undefined && (status.active || status.leader !== undefined);
  });
}
