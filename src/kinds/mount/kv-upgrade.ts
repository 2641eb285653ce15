import { setTimeout as delay } from "node:timers/promises";
import { NotReadyError } from "../../errors.ts";
import { backoff } from "../../util/backoff.ts";
import { memoize } from "../../util/memoize.ts";
import type { Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { vaultPath } from "../../vault/path.ts";

const longestPause = 500;

/** Since when each mount has refused, by its path: it is waited for once, and not by each of a thousand values anew. */
const refusingSince = memoize((_vault: Vault) => new Map<string, number>());

/**
 * Vault needs a moment after a KV mount of version 2 was made, and longer where it makes versions of what a mount holds; until
 * then it refuses whatever is asked of the mount.
 *
 * @param mount its path, without `sys/mounts/`
 * @param patienceMs how long the mount may refuse, in milliseconds
 * @throws NotReadyError where it refused for longer, or where Vault gave no answer after it had refused; what else `act` throws
 */
export async function whileUpgrading<T>(
  vault: Vault,
  mount: string,
  act: () => Promise<T>,
  patienceMs = 10_000,
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
      if (noteRefusal(vault, mount, patienceMs)) throw late(error);
      refusal = error;
    }
    await delay(pause());
  }
}

/** Notes a refusal. @returns whether the first one is longer ago than `patienceMs` */
function noteRefusal(vault: Vault, mount: string, patienceMs: number): boolean {
  // whoever has all the time takes none from others
  if (!Number.isFinite(patienceMs)) return false;
  const now = performance.now();
  const since = refusingSince(vault).get(mount) ?? now;
  refusingSince(vault).set(mount, since);
  return now - since > patienceMs;
}

/**
 * Waits, as long as the run may, until Vault takes requests for a KV mount of version 2.
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
    todo: "Run it again later; the run that begins an upgrade waits as long as --timeout lets it. Where it lasts, Vault's own log tells why the mount does not become ready.",
  });
}

/** Also a secondary's words, which waits for its primary (Enterprise). */
function isUpgrading(error: unknown): error is VaultError {
  return error instanceof VaultError && error.errors.some((text) => /upgrad(e|ing) from non-versioned/i.test(text));
}
