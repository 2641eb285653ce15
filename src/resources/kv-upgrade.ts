import { setTimeout as delay } from "node:timers/promises";
import { NotReadyError } from "../errors.ts";
import type { Vault } from "../vault/client.ts";
import { VaultError } from "../vault/error.ts";
import { vaultPath } from "../vault/path.ts";

const longestPause = 500;

/**
 * Vault needs a moment after a KV mount of version 2 was made, and longer where it makes versions of what a mount holds; until
 * then it refuses whatever is asked of the mount.
 *
 * @param patienceMs how long `act` is tried again, in milliseconds
 * @throws NotReadyError where that was not enough, or where the run ended first; what else `act` throws
 */
export async function whileUpgrading<T>(act: () => Promise<T>, patienceMs = 10_000): Promise<T> {
  let refusal: VaultError | undefined;
  for (let [waited, pause] = [0, 10]; ; waited += pause, pause = Math.min(longestPause, pause * 2)) {
    try {
      return await act();
    } catch (error) {
      if (!isUpgrading(error)) throw refusal !== undefined && error instanceof NotReadyError ? late(refusal) : error;
      if (waited > patienceMs) throw late(error);
      refusal = error;
    }
    await delay(pause);
  }
}

/**
 * Waits, as long as the run may, until Vault takes requests for a KV mount of version 2.
 * @param mount its path, without `sys/mounts/`
 * @see https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade
 */
export async function untilUpgraded(vault: Vault, mount: string): Promise<void> {
  await whileUpgrading(() => vault.read(vaultPath(`${mount}/config`)), Number.POSITIVE_INFINITY);
}

function late(cause: VaultError): NotReadyError {
  return new NotReadyError(cause.message, {
    cause,
    todo: "Vault still makes versions of what the mount holds: run it again later, or give it more time by --timeout.",
  });
}

function isUpgrading(error: unknown): error is VaultError {
  return error instanceof VaultError && error.errors.some((text) => text.includes("pgrading from non-versioned"));
}
