import { awaitStatus, readStatusOnce } from "../../connect/await-status.ts";
import type { Cluster } from "../../connect/connection.ts";
import { addressAmongMembers, readCa } from "../../connect/members.ts";
import { NotReadyError } from "../../errors.ts";
import { until } from "../../util/deadline.ts";
import type { Vault } from "../../vault/client.ts";
import { isTransient, VaultError } from "../../vault/error.ts";
import type { BringUp, Outcome } from "../context.ts";
import { observe } from "../observe.ts";
import { type Nothing, type Observed, type Refusal, reconcile } from "../reconcile.ts";
import { recordOpened } from "../record-opened.ts";
import type { Wait } from "../settle.ts";
import type { ClusterState } from "../state.ts";
import { openMember } from "../unseal/run.ts";
import { type JoinStep, planJoin } from "./plan.ts";

type Change = Exclude<JoinStep, Nothing | Refusal>;

/**
 * Joins every member that is not initialised to the Raft cluster, one by one: each is open and follows the leader
 * before the next. Members whose volume was wiped join again in the same way.
 *
 * @throws RefusedError, NotReadyError, DeniedError: each says what stands in the way and what to do
 */
export async function join(bringUp: BringUp): Promise<Outcome> {
  return await reconcile<Change>(bringUp, {
    goal: "every member of Vault to have joined",
    look: () => look(bringUp),
    apply: (step) => apply(bringUp, step),
  });
}

async function apply(bringUp: BringUp, step: Change & { readonly state: ClusterState }): Promise<string> {
  if (step.act === "join") await askToJoin(bringUp, step.pod, step.leader);
  if (step.act === "unseal" || !step.opensItself) await openMember(bringUp, step.state, step.pod);
  // a member that was only sealed may be needed for there to be a leader at all: it is not waited for
  if (step.act === "join") await awaitFollowing(bringUp, step.pod);
  return `${step.act === "join" ? "joined" : "unsealed"} ${step.pod}`;
}

async function look(bringUp: BringUp): Promise<Observed<Change> | Wait> {
  const state = await observe(bringUp.cluster, bringUp.custody, { storage: false, journal: false });
  await recordOpened(bringUp, state);
  const step = planJoin(state);
  return step.act === "wait" ? step : { ...step, state };
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

/** The leader's certificate is checked by the joining member against the same CA and name as by this process. */
async function joinRequest({ run, statefulSet }: Cluster, leader: string) {
  const { origin, servername } = addressAmongMembers(run, statefulSet, leader);
  const ca = origin.startsWith("https:") ? await readCa(run.settings.caFile) : undefined;
  return {
    leader_api_addr: origin,
    ...(ca === undefined ? {} : { leader_ca_cert: ca }),
    // Vault heeds the name only beside a CA
    ...(ca === undefined || servername === undefined ? {} : { leader_tls_servername: servername }),
  };
}

/** @returns why it did not join yet; empty if it did */
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
  await awaitStatus(vault, cluster.run.deadline, "be open and know its leader", (status) => {
    return !status.sealed && status.clusterId !== undefined && (status.active || status.leader !== undefined);
  });
}
