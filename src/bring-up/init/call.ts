import { type NotYet, readStatusOnce } from "../../connect/await-status.ts";
import type { MemberStatus } from "../../connect/member-status.ts";
import type { InitAnswer } from "../../custody/custody.ts";
import { fingerprintOf } from "../../custody/fingerprint.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import { secret } from "../../redact.ts";
import { deadlineIn, until } from "../../util/deadline.ts";
import type { Answer, Vault } from "../../vault/client.ts";
import { VaultError } from "../../vault/error.ts";
import { remakeHint } from "../refusals.ts";

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
 * @param undone is told that the call is known to have done nothing
 * @throws RefusedError when Vault was initialised and its answer is lost, with the word that lets it be made again, or
 *   when someone else had initialised it; what Vault said when it was not initialised
 * @see https://developer.hashicorp.com/vault/api-docs/system/init
 */
export async function callInit(vault: Vault, request: InitRequest, undone: () => Promise<void>): Promise<InitAnswer> {
  const { shares, threshold, autoUnseal } = request;
  const body = autoUnseal
    ? { recovery_shares: shares, recovery_threshold: threshold }
    : { secret_shares: shares, secret_threshold: threshold };
  try {
    return toAnswer(await vault.write("sys/init", body, { once: true }), request);
  } catch (error) {
    if (isRefusal(error) && saysInitialised(error)) {
      await undone();
      throw overtaken(vault.name, error);
    }
    const state = isRefusal(error) ? stateIn(await readStatusOnce(vault)) : await stateAfter(vault);
    if (state === "initialised") throw answerLost(vault.name, request, error);
    if (state === "empty") await undone();
    throw error;
  }
}

const keyLists = ["keys", "keys_base64", "recovery_keys", "recovery_keys_base64"];

/** Registers every secret of the answer before anything else is done with it. */
function toAnswer(answer: Answer | undefined, { shares, threshold, autoUnseal }: InitRequest): InitAnswer {
  for (const list of keyLists) strings(answer?.[list]).map(secret);
  const found = strings(answer?.[autoUnseal ? "recovery_keys_base64" : "keys_base64"]);
  const rootToken = typeof answer?.["root_token"] === "string" ? secret(answer["root_token"]) : "";
  const whole = found.length === shares && rootToken !== "";
  const some = rootToken !== "" || keyLists.some((list) => strings(answer?.[list]).length > 0);
  if (!some) throw new NotReadyError("the answer to init has no key and no token");
  const created = new Date().toISOString();
  const keys = { shares: found, threshold, fingerprint: fingerprintOf(found), created };
  return { rootToken, keys, ...(whole ? {} : { raw: secret(JSON.stringify(answer)) }) };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Vault's last word: nothing of the call is still at work. It answers so too where it failed when it was half done. */
function isRefusal(error: unknown): error is VaultError {
  return error instanceof VaultError && error.status >= 400 && error.status < 500 && !error.transient;
}

function saysInitialised({ status, errors }: VaultError): boolean {
  return status === 400 && errors.some((text) => text.includes("already initialized"));
}

/** Someone else was faster, between the last look and the call: that Vault is theirs. */
function overtaken(pod: string, cause: VaultError): RefusedError {
  return new RefusedError(`${pod} was initialised by someone else a moment before: ${cause.message}`, {
    cause,
    todo: "Whoever initialised it has its keys. Put them into custody (docs/runbook.md says how); then run unseal.",
  });
}

/** `unknown`: it does not answer. */
type State = "initialised" | "empty" | "unknown";

/** Looks until Vault says that it is initialised, or had the time to become so. */
async function stateAfter(vault: Vault): Promise<State> {
  let last: State = "unknown";
  async function probe(): Promise<State | undefined> {
    last = stateIn(await readStatusOnce(vault));
    return last === "initialised" ? last : undefined;
  }
  return await until("init", deadlineIn(settlingMs), probe).catch(() => last);
}

function stateIn(status: MemberStatus | NotYet): State {
  if ("notYet" in status) return "unknown";
  return status.initialized ? "initialised" : "empty";
}

/** Vault has its data by keys that nobody has. */
export function answerLost(pod: string, { intent, autoUnseal }: InitRequest, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  // one that unseals itself is open by now: whether it is used is not for a word in Git to say
  const again = autoUnseal
    ? "Delete its volume claims and pods, and run init again."
    : `Nothing is in it, unless someone else has used it. ${remakeHint(intent)}`;
  return new RefusedError(
    `${pod} was initialised by intent ${intent}, and its answer with the only keys is lost: ${why}`,
    { cause, todo: `Nobody has keys to this Vault. ${again}` },
  );
}
