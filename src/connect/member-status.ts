import { NotReadyError } from "../errors.ts";
import type { Answer, Vault } from "../vault/client.ts";

/** The status of a Vault server, which it returns without a token. */
export type MemberStatus = {
  /** Also true of a member that was asked to join and never had data. */
  readonly initialized: boolean;
  readonly sealed: boolean;
  /** Whether Vault unseals itself (KMS, HSM, transit); its keys are then recovery keys. */
  readonly autoUnseal: boolean;
  /** 0 if it is not known yet. */
  readonly threshold: number;
  readonly shares: number;
  /** How many shares Vault has received towards the next unseal. */
  readonly progress: number;
  readonly version: string;
  /** raft, file, inmem ... */
  readonly storage: string;
  /** Reported by unsealed members only. */
  readonly clusterId: string | undefined;
  readonly clusterName: string | undefined;
  /** Removed from the Raft cluster; it keeps its data. */
  readonly removed: boolean;
  /** Whether several servers can share this storage. For a sealed member this is known only of Raft. */
  readonly ha: boolean;
  readonly active: boolean;
  /** The active member's API address, as it advertises it. */
  readonly leader: string | undefined;
};

/** Whether a member is initialised and unsealed. @param status undefined for one that did not answer */
export function isUnsealed(status: Pick<MemberStatus, "initialized" | "sealed"> | undefined): boolean {
  return status?.initialized === true && !status.sealed;
}

/** Without high availability, which Raft always has, the one unsealed server is the active one. */
export function isActive(status: MemberStatus): boolean {
  return isUnsealed(status) && (status.active || !status.ha);
}

/**
 * Reads the status once, without a token.
 * @throws NotReadyError if there is no response, or it is not Vault's; VaultError if Vault refuses
 * @see https://developer.hashicorp.com/vault/api-docs/system/seal-status
 * @see https://developer.hashicorp.com/vault/api-docs/system/leader
 */
export async function readStatus(vault: Vault): Promise<MemberStatus> {
  const [seal, leader] = await Promise.allSettled([
    vault.read("sys/seal-status", { once: true }),
    vault.read("sys/leader", { once: true }),
  ]);
  if (seal.status === "rejected") throw seal.reason;
  // an answer without these fields must not count as "not initialised"
  if (typeof seal.value?.["initialized"] !== "boolean" || typeof seal.value["sealed"] !== "boolean") {
    throw notVault(vault, "sys/seal-status");
  }
  // a sealed member is never active, and need not answer sys/leader
  if (seal.value["sealed"]) return toStatus(seal.value, {});
  // an unsealed member that does not report its leader must not count as active or standalone
  if (leader.status === "rejected") throw leader.reason;
  if (typeof leader.value?.["ha_enabled"] !== "boolean") throw notVault(vault, "sys/leader");
  return toStatus(seal.value, leader.value);
}

function notVault(vault: Vault, path: string): NotReadyError {
  return new NotReadyError(`read ${path} on ${vault.name}: the answer is not that of a Vault`, {
    todo: "Check which server listens at this address, and --address.",
  });
}

function toStatus(seal: Answer, leader: Answer): MemberStatus {
  const storage = string(seal["storage_type"]) ?? "?";
  return {
    initialized: seal["initialized"] === true,
    sealed: seal["sealed"] !== false,
    autoUnseal: seal["recovery_seal"] === true || (string(seal["type"]) ?? "shamir") !== "shamir",
    threshold: number(seal["t"]),
    shares: number(seal["n"]),
    progress: number(seal["progress"]),
    version: string(seal["version"]) ?? "?",
    storage,
    clusterId: string(seal["cluster_id"]),
    clusterName: string(seal["cluster_name"]),
    removed: seal["removed_from_cluster"] === true,
    ha: leader["ha_enabled"] === true || storage === "raft",
    active: leader["is_self"] === true,
    leader: string(leader["leader_address"]),
  };
}

function string(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
