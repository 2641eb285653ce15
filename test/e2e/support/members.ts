import { setTimeout as delay } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { connectKube } from "../../../src/kube/client.ts";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import { ctr } from "../../cluster/images.ts";
import { kubeconfig } from "../../cluster/paths.ts";
import type { Api } from "./api.ts";
import { vaultPod } from "./evict.ts";
import { isReady } from "./timeline.ts";

export const members = ["vault-0", "vault-1", "vault-2"] as const;

/** In milliseconds. */
const pollMs = 20;

export function labelOf(pod: V1Pod | undefined, name: string): string | undefined {
  return pod?.metadata?.labels?.[name];
}

/** Waits until every member is unsealed and Ready, and one leads. */
export async function allUnsealed(api: Api): Promise<void> {
  await until("every member to be unsealed and Ready", deadlineIn(180_000), async () => {
    const pods = await Promise.all(members.map((name) => vaultPod(api, name)));
    const unsealed = pods.filter((pod) => pod && labelOf(pod, "vault-sealed") === "false" && isReady(pod));
    const active = pods.filter((pod) => labelOf(pod, "vault-active") === "true");
    return unsealed.length === members.length && active.length === 1 ? true : undefined;
  });
}

/** Kills a member's process, as a crash does. The kubelet starts its container again, in the same pod. */
export async function killVault(api: Api, name: string): Promise<void> {
  const [container] = (await vaultPod(api, name))?.status?.containerStatuses ?? [];
  await ctr(["tasks", "kill", "--signal", "SIGKILL", (container?.containerID ?? "").replace("containerd://", "")]);
}

/** Times in milliseconds since 1970. */
export type Restarted = {
  readonly name: string;
  /** The first response of its listener after the restart. */
  readonly listeningAt: number;
  readonly unsealedAt: number;
  /** When it first named a leader, itself or another. */
  readonly ledAt: number;
};

type State = { readonly sealed: boolean; readonly led: boolean };

/**
 * Asks a member for its state again and again through the API server, until it was away or sealed, and is unsealed and has a leader
 * again. Start it before the restart.
 *
 * @throws Error after the time, with what was seen
 */
export async function followRestart(api: Api, name: string, timeoutMs: number): Promise<Restarted> {
  const end = performance.now() + timeoutMs;
  let times: Partial<Restarted> = {};
  let wasAway = false;
  while (performance.now() < end) {
    const state = await readState(api, name);
    wasAway ||= state?.sealed !== false;
    times = wasAway && state !== undefined ? withState(times, state) : {};
    const { listeningAt, unsealedAt, ledAt } = times;
    if (listeningAt && unsealedAt && ledAt) return { name, listeningAt, unsealedAt, ledAt };
    await delay(pollMs);
  }
  throw new Error(
    `${name} did not restart within ${timeoutMs / 1000} s; away or sealed: ${wasAway}; ${JSON.stringify(times)}`,
  );
}

function withState(times: Partial<Restarted>, { sealed, led }: State): Partial<Restarted> {
  const now = Date.now();
  return { listeningAt: now, ...(!sealed && { unsealedAt: now }), ...(led && { ledAt: now }), ...times };
}

/** @returns undefined if the member does not respond */
async function readState(api: Api, name: string): Promise<State | undefined> {
  const seal = await readVault<{ sealed: boolean }>(api, name, "seal-status");
  if (seal === undefined || seal.sealed) return seal && { sealed: true, led: false };
  const leader = await readVault<{ is_self: boolean; leader_address: string }>(api, name, "leader");
  return { sealed: false, led: leader !== undefined && (leader.is_self || leader.leader_address !== "") };
}

async function readVault<T>(api: Api, name: string, path: string): Promise<T | undefined> {
  const url = `/api/v1/namespaces/vault/pods/${name}:8200/proxy/v1/sys/${path}`;
  const response = await api.request("GET", url, { timeoutMs: 1000 }).catch(() => undefined);
  return response?.status === 200 ? (JSON.parse(response.text) as T) : undefined;
}

/** A standby, which is to be sealed, and the two other members. */
export async function chooseStandby(api: Api): Promise<{ sealed: string; others: string[] }> {
  await allUnsealed(api);
  const pods = await Promise.all(members.map((name) => vaultPod(api, name)));
  const sealed = pods.find((pod) => labelOf(pod, "vault-active") === "false")?.metadata?.name ?? "";
  return { sealed, others: members.filter((name) => name !== sealed) };
}

/** Holds the Lease of the hooks and of the watcher, so that none of them unseals a member. */
export async function whileNobodyUnseals<T>(act: () => Promise<T>): Promise<T> {
  const deadline = deadlineIn(120_000);
  const kubeDefaults = { files: [], inCluster: false, home: undefined };
  const kube = await connectKube({ kubeconfig, context: undefined, kubeDefaults }, deadline);
  return await kube.underLease("vault-custody", "vault-hooks", deadline.signal, act);
}
