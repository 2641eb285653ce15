import { type NotYet, readStatusOnce } from "../../connect/await-status.ts";
import type { MemberStatus } from "../../connect/member-status.ts";
import type { InitResponse } from "../../custody/custody.ts";
import { fingerprintOf } from "../../custody/fingerprint.ts";
import { NotReadyError, RefusedError } from "../../errors.ts";
import { secret } from "../../redact.ts";
import { deadlineIn, until } from "../../util/deadline.ts";
import type { Answer, Vault } from "../../vault/client.ts";
import { notJson, VaultError } from "../../vault/error.ts";
import { wasNeverConnected } from "../../vault/never-connected.ts";
import { remakeUnusedHint } from "../refusals.ts";

export type InitRequest = {
  readonly intent: string;
  readonly shares: number;
  readonly threshold: number;
  /** Vault unseals itself: the shares are then recovery keys. */
  readonly autoUnseal: boolean;
};

/** How long Vault is asked whether it finishes a call whose response was lost, in milliseconds. It may finish later still. */
const stillWorkingMs = 10_000;

/**
 * Sends init to Vault. This request is never sent twice.
 *
 * @param onNoEffect called if the call is known to have had no effect: no connection was made, or Vault itself refused it
 * @throws RefusedError if Vault was initialised and the response is lost, with the declaration in Git that accepts this, or if
 *   someone else had initialised Vault; otherwise the error of the call
 * @see https://developer.hashicorp.com/vault/api-docs/system/init
 */
export async function callInit(
  vault: Vault,
  request: InitRequest,
  onNoEffect: () => Promise<void>,
): Promise<InitResponse> {
  const { shares, threshold, autoUnseal } = request;
  const body = autoUnseal
    ? { recovery_shares: shares, recovery_threshold: threshold }
    : { secret_shares: shares, secret_threshold: threshold };
  try {
    return toInitResponse(await vault.write("sys/init", body, { once: true }), request);
  } catch (error) {
    throw await explain(vault, request, error, onNoEffect);
  }
}

async function explain(
  vault: Vault,
  request: InitRequest,
  error: unknown,
  onNoEffect: () => Promise<void>,
): Promise<unknown> {
  const isFinal = isRefusal(error);
  const isByOther = isFinal && isAlreadyInitialised(error);
  if (isByOther || wasNeverConnected(error)) {
    await onNoEffect();
    return isByOther ? initialisedByOther(vault.name, error) : error;
  }
  const state = isFinal ? stateIn(await readStatusOnce(vault)) : await stateAfter(vault);
  if (state === "initialised") return responseLost(vault.name, request, error);
  // Vault does not stop when the connection breaks, so only its refusal proves that it will not finish the call later
  if (isFinal && state === "empty") await onNoEffect();
  return error;
}

const keyLists = ["keys", "keys_base64", "recovery_keys", "recovery_keys_base64"];

/** Registers every secret of the response before anything else is done with it. */
function toInitResponse(answer: Answer | undefined, { shares, threshold, autoUnseal }: InitRequest): InitResponse {
  for (const list of keyLists) strings(answer?.[list]).map(secret);
  const found = strings(answer?.[autoUnseal ? "recovery_keys_base64" : "keys_base64"]);
  const rootToken = typeof answer?.["root_token"] === "string" ? secret(answer["root_token"]) : "";
  const isComplete = found.length === shares && rootToken !== "";
  const hasSecrets = rootToken !== "" || keyLists.some((list) => strings(answer?.[list]).length > 0);
  if (!hasSecrets) throw new NotReadyError("the response to init has no key and no token");
  const created = new Date().toISOString();
  const keys = { shares: found, threshold, fingerprint: fingerprintOf(found), created };
  return { rootToken, keys, ...(isComplete ? {} : { raw: secret(JSON.stringify(answer)) }) };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Whether Vault has ended the call, so that its state is final. It may have failed halfway. */
function isRefusal(error: unknown): error is VaultError {
  if (!(error instanceof VaultError)) return false;
  // an answer without Vault's reasons may be a proxy's, and says nothing about Vault
  if (error.errors.length === 0 || error.errors.includes(notJson)) return false;
  return error.status >= 400 && error.status < 500 && !error.transient;
}

function isAlreadyInitialised({ status, errors }: VaultError): boolean {
  return status === 400 && errors.some((text) => text.includes("already initialized"));
}

function initialisedByOther(pod: string, cause: VaultError): RefusedError {
  return new RefusedError(`${pod} was initialised by someone else just before this run: ${cause.message}`, {
    cause,
    todo: "Whoever initialised it has its keys. Put them into custody (docs/runbook.md says how); then run unseal.",
  });
}

/** `unknown`: Vault does not answer. */
type State = "initialised" | "empty" | "unknown";

/** Reads the status until Vault is initialised or has had the time for it. */
async function stateAfter(vault: Vault): Promise<State> {
  let last: State = "unknown";
  async function probe(): Promise<State | undefined> {
    last = stateIn(await readStatusOnce(vault));
    return last === "initialised" ? last : undefined;
  }
  return await until("init", deadlineIn(stillWorkingMs), probe).catch(() => last);
}

function stateIn(status: MemberStatus | NotYet): State {
  if ("notYet" in status) return "unknown";
  return status.initialized ? "initialised" : "empty";
}

/** Vault is initialised, and its only keys are lost. */
export function responseLost(pod: string, { intent, autoUnseal }: InitRequest, cause: unknown): RefusedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // with auto-unseal Vault is unsealed by now and may be in use, so no declaration in Git recreates it
  const next = autoUnseal
    ? "Delete its volume claims and pods, and run init again."
    : `It is empty, unless someone else has used it. ${remakeUnusedHint(intent)}`;
  return new RefusedError(
    `${pod} was initialised by intent ${intent}, and the response with its only keys is lost: ${reason}`,
    { cause, todo: `Nobody has keys to this Vault. ${next}` },
  );
}
