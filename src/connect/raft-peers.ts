import type { Answer, Vault } from "../vault/client.ts";
import { isPodOf } from "./members.ts";

/** One entry of Raft's own list of members. */
export type Peer = { readonly id: string; readonly address: string; readonly voter: boolean };

/**
 * Reads Raft's list of members.
 * @param vault a member, with a token that may read this
 * @returns undefined if the storage is not Raft
 * @throws VaultError if Vault refuses; NotReadyError if it does not answer
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#read-raft-configuration
 */
export async function readPeers(vault: Vault): Promise<Peer[] | undefined> {
  return peersOf(await vault.read("sys/storage/raft/configuration", { once: true }));
}

function peersOf(answer: Answer | undefined): Peer[] | undefined {
  const data = answer?.["data"] as { config?: { servers?: unknown } } | undefined;
  const servers = data?.config?.servers;
  if (!Array.isArray(servers)) return undefined;
  return servers.map((server: { node_id?: unknown; address?: unknown; voter?: unknown }) => ({
    id: String(server.node_id),
    address: String(server.address),
    voter: server.voter === true,
  }));
}

/**
 * The pod of a peer. Its ID is the pod's name if the chart sets it (`setNodeId`); otherwise its address begins with that name.
 * @returns undefined if it is not a pod of this StatefulSet
 */
export function podOf({ id, address }: Peer, statefulSet: string): string | undefined {
  const host = address.replace(/[.:].*$/, "");
  return [id, host].find((name) => isPodOf(statefulSet, name));
}
