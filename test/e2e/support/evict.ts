import type { V1Pod } from "@kubernetes/client-node";
import { deadlineIn, until } from "../../../src/util/deadline.ts";
import type { Api } from "./api.ts";

const pods = "/api/v1/namespaces/vault/pods";

export function vaultPod(api: Api, name: string): Promise<V1Pod | undefined> {
  return api.find<V1Pod>(`${pods}/${name}`);
}

/**
 * Asks for the eviction of a pod, as `kubectl drain` does.
 *
 * @param dryRun decides, and leaves the pod alone
 * @returns 201 if it is allowed, 429 if a disruption budget refuses it
 */
export async function evict(api: Api, name: string, dryRun = false): Promise<number> {
  const body = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace: "vault" },
    ...(dryRun && { deleteOptions: { dryRun: ["All"] } }),
  };
  const { status, text } = await api.request("POST", `${pods}/${name}/eviction`, { body });
  if (status !== 201 && status !== 429) throw new Error(`evict ${name}: ${status}: ${text.slice(0, 500)}`);
  return status;
}

export type Drained = {
  readonly pod: string;
  readonly wasActive: boolean;
  /** How often the budget refused it. */
  readonly refused: number;
  /** When the eviction was accepted, in milliseconds since 1970. */
  readonly at: number;
  /** The UID of the evicted pod. */
  readonly uid: string;
};

/** Evicts a pod, retries while the budget refuses it, and waits until the pod is gone. Does not wait for the next pod. */
export async function drain(api: Api, name: string): Promise<Drained> {
  let refused = 0;
  const before = await until(`pod ${name} to be evicted`, deadlineIn(180_000), async () => {
    const pod = await vaultPod(api, name);
    if (pod === undefined) return undefined;
    if ((await evict(api, name)) === 201) return pod;
    refused++;
    return undefined;
  });
  const at = Date.now();
  const uid = before.metadata?.uid ?? "";
  await until(`the evicted pod ${name} to be gone`, deadlineIn(60_000), async () => {
    return (await vaultPod(api, name))?.metadata?.uid === uid ? undefined : true;
  });
  return { pod: name, wasActive: before.metadata?.labels?.["vault-active"] === "true", refused, at, uid };
}
