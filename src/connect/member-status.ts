import { NotReadyError } from "../errors.ts";
import type { Answer, Vault } from "../vault/client.ts";

/** What a Vault server tells of itself to anyone. */
export type MemberStatus = {
  /** Also true of a member that has been told to join and never had data. */
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Whether Vault unseals itself (KMS, HSM, transit); its keys are then recovery keys. */
  readonly autoUnseal: boolean;
  /** 0 where it is not known yet. */
  readonly threshold: number;
  readonly shares: number;
  /** How many shares of the next unsealing it has. */
  readonly progress: number;
  readonly version: string;
  /** raft, file, inmem ... */
  readonly storage: string;
  /** Only told by an unsealed member. */
  readonly clusterId: string | undefined;
  readonly clusterName: string | undefined;
  /** Was taken out of the Raft cluster, and keeps its data. */
  readonly removed: boolean;
  /** Whether several servers can share this storage; of a sealed member that is known of Raft alone. */
  readonly ha: boolean;
  readonly active: boolean;
  /** The active member's API address, as it advertises it. */
  readonly leader: string | undefined;
};

/**
 * Asks once, and needs no token.
 * @throws NotReadyError without an answer or with one that is not Vault's, VaultError when it is refused
 * @see https://developer.hashicorp.com/vault/api-docs/system/seal-status
 * @see https://developer.hashicorp.com/vault/api-docs/system/leader
 */
export async function readStatus(vault: Vault): Promise<MemberStatus> {
  const [seal, leader] = await Promise.allSettled([
    vault.read("sys/seal-status", { once: true }),
    vault.read("sys/leader", { once: true }),
  ]);
  if (seal.status === "rejected") throw seal.reason;
  // nothing may pass for "not initialised" but Vault's own word
  if (typeof seal.value?.["initialized"] !== "boolean" || typeof seal.value["sealed"] !== "boolean") {
    throw notVault(vault, "sys/seal-status");
  }
  // a sealed member leads nothing, and need not answer that
  if (seal.value["sealed"]) return toStatus(seal.value, {});
  // an open one that does not tell who leads must not pass for one that leads or stands alone
  if (leader.status === "rejected") throw leader.reason;
  if (typeof leader.value?.["ha_enabled"] !== "boolean") throw notVault(vault, "sys/leader");
  return toStatus(seal.value, leader.value);
}

function notVault(vault: Vault, path: string): NotReadyError {
  return new NotReadyError(`read ${path} on ${vault.name}: the answer is not that of a Vault`, {
    todo: "Look what listens at this address, and at --address.",
  });
}

function toStatus(seal: Answer, leader: Answer): MemberStatus {
  const storage = text(seal["storage_type"]) ?? "?";
  return {
    initialized: seal["initialized"] === true,
    sealed: seal["sealed"] !== false,
    autoUnseal: seal["recovery_seal"] === true || (text(seal["type"]) ?? "shamir") !== "shamir",
    threshold: number(seal["t"]),
    shares: number(seal["n"]),
    progress: number(seal["progress"]),
    version: text(seal["version"]) ?? "?",
    storage,
    clusterId: text(seal["cluster_id"]),
    clusterName: text(seal["cluster_name"]),
    removed: seal["removed_from_cluster"] === true,
    ha: leader["ha_enabled"] === true || storage === "raft",
    active: leader["is_self"] === true,
    leader: text(leader["leader_address"]),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
