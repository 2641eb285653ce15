import { setTimeout as delay } from "node:timers/promises";
import { NotReadyError } from "../../errors.ts";
import { backoff } from "../../util/backoff.ts";
import { memoize } from "../../util/memoize.ts";
import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";

const longestPause = 500;

/** The first refusal of each mount, by path. A thousand values in one mount share one timeout. */
const refusingSince = memoize((_vault: Vault) => new Map<string, number>());

/**
 * Retries while Vault upgrades a KV mount to version 2. During the upgrade Vault refuses all requests to the mount: for a
 * moment if it is new, for longer if it has values.
 *
 * @param mount its path, without `sys/mounts/`
 * @param timeoutMs how long the mount may refuse, in milliseconds
 * @throws NotReadyError if it refused for longer, or if Vault stopped answering after a refusal; any other error of `act`
 */
export async function whileUpgrading<T>(
  vault: Vault,
  mount: string,
  act: () => Promise<T>,
  timeoutMs = 10_000,
): Promise<T> {
  let refusal: VaultError | undefined;
  const pause = backoff({ first: 10, longest: longestPause });
  for (;;) {
    try {
      const answer = await act();
      refusingSince(vault).delete(mount);
      return answer;
    } catch (error) {
      if (!isUpgrading(error))
        throw error instanceof NotReadyError && refusal !== undefined ? late(error, refusal) : error;
      if (noteRefusal(vault, mount, timeoutMs)) throw late(error);
      refusal = error;
    }
    await delay(pause());
  }
}

/** Notes a refusal. @returns whether the first one is longer ago than `timeoutMs` */
function noteRefusal(vault: Vault, mount: string, timeoutMs: number): boolean {
  // a caller without a timeout must not use up another caller's
  if (!Number.isFinite(timeoutMs)) return false;
  const now = performance.now();
  const since = refusingSince(vault).get(mount) ?? now;
  refusingSince(vault).set(mount, since);
  return now - since > timeoutMs;
}

/**
 * Waits until Vault accepts requests for a KV mount of version 2. Only the timeout of the run limits the wait.
 * @param mount its path, without `sys/mounts/`
 * @see https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade
 */
export async function untilUpgraded(vault: Vault, mount: string): Promise<void> {
  await whileUpgrading(vault, mount, () => vault.read(vaultPath(`${mount}/config`)), Number.POSITIVE_INFINITY);
}

function late(cause: VaultError | NotReadyError, before?: VaultError): NotReadyError {
  const since = before === undefined ? "" : `; before that: ${before.message}`;
  return new NotReadyError(`${cause.message}${since}`, {
    cause,
    todo: "Run it again later; the run that starts an upgrade waits until --timeout. If it takes too long, read in Vault's log why the mount does not become ready.",
  });
}

/** Matches also the message of a secondary that waits for its primary (Enterprise). */
function isUpgrading(error: unknown): error is VaultError {
  return (
    error instanceof VaultError && error.errors.some((message) => /upgrad(e|ing) from non-versioned/i.test(message))
  );
}
