import type { InitAnswer } from "../custody/custody.ts";
import { fingerprintOf } from "../custody/fingerprint.ts";
import { NotReadyError, RefusedError } from "../errors.ts";
import { secret } from "../redact.ts";
import { deadlineIn, until } from "../util/deadline.ts";
import type { Answer, Vault } from "../vault/client.ts";
import { lookAt } from "./await-status.ts";
import { remakeHint } from "./checks.ts";

export type InitRequest = {
  readonly intent: string;
  readonly shares: number;
  readonly threshold: number;
  /** Vault unseals itself: the shares are then recovery keys. */
  readonly autoUnseal: boolean;
};

/** How long a Vault whose answer did not come may still be at work on it. */
const settlingMs = 10_000;

/**
 * The one call that is never made twice.
 * @throws RefusedError when Vault was initialised and its answer is lost, with the word that lets it be made again;
 *   what Vault said when it was not initialised
 * @see https://developer.hashicorp.com/vault/api-docs/system/init
 */
export async function callInit(vault: Vault, request: InitRequest): Promise<InitAnswer> {
  const { shares, threshold, autoUnseal } = request;
  const body = autoUnseal
    ? { recovery_shares: shares, recovery_threshold: threshold }
    : { secret_shares: shares, secret_threshold: threshold };
  try {
    return toAnswer(await vault.write("sys/init", body, { once: true }), request);
  } catch (error) {
    throw (await wasInitialised(vault)) ? answerLost(vault.name, request.intent, error) : error;
  }
}

/** Registers every secret of the answer before anything else is done with it. */
function toAnswer(answer: Answer | undefined, { shares, threshold, autoUnseal }: InitRequest): InitAnswer {
  for (const key of ["keys", "recovery_keys"]) strings(answer?.[key]).map(secret);
  const found = strings(answer?.[autoUnseal ? "recovery_keys_base64" : "keys_base64"]).map(secret);
  const rootToken = typeof answer?.["root_token"] === "string" ? secret(answer["root_token"]) : "";
  if (found.length !== shares || rootToken === "") throw new NotReadyError("the answer to init is not whole");
  const created = new Date().toISOString();
  return { rootToken, keys: { shares: found, threshold, fingerprint: fingerprintOf(found), created } };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

async function wasInitialised(vault: Vault): Promise<boolean> {
  async function probe(): Promise<boolean | undefined> {
    const status = await lookAt(vault);
    return !("notYet" in status) && status.initialized ? true : undefined;
  }
  return await until("init", deadlineIn(settlingMs), probe).catch(() => false);
}

/** Vault has its data by keys that nobody has. */
export function answerLost(pod: string, intent: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RefusedError(
    `${pod} was initialised by intent ${intent}, and its answer with the only keys is lost: ${why}`,
    {
      cause,
      todo: `Nobody has keys to this Vault, and nothing is in it. ${remakeHint(intent)}`,
    },
  );
}
