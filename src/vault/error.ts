import { AppError, ExitCode } from "../errors.ts";
import { redactFreeText } from "../redact.ts";

/**
 * Vault answered with an error. `status` is the HTTP status; `errors` are Vault's messages, for comparison only. `reason` is
 * the same for people, with secrets redacted.
 * Transient are 412, 429 and 5xx, except "too large", which Vault reports as 500.
 * @see https://developer.hashicorp.com/vault/api-docs#http-status-codes
 */
export class VaultError extends AppError {
  readonly exitCode: ExitCode;
  readonly status: number;
  readonly errors: readonly string[];
  readonly reason: string;
  /** Whether the same request may be answered differently later. */
  readonly transient: boolean;

  constructor(subject: string, status: number, errors: readonly string[]) {
    const text = errors.join("; ").trim();
    const reason = redactFreeText(text) || "no reason";
    const isTooLarge = tooLarge.test(text);
    super(`${subject}: Vault answered ${status}: ${reason}`, { todo: isTooLarge ? makeSmaller : hint(status) });
    this.status = status;
    this.errors = errors;
    this.reason = reason;
    this.transient = isTransient(status) && !isTooLarge;
    this.exitCode = this.transient ? ExitCode.notReady : ExitCode.denied;
  }
}

/** Vault's limits for one string, for one Raft entry, and for a request, in this order. */
const tooLarge = /exceeds allowed length|value being too large|request body too large/;
const makeSmaller =
  "Make it smaller. Vault's limits are max_json_string_value_length, max_request_size and Raft's max_entry_size.";

/** Whether the same request may be answered differently later. */
export function isTransient(status: number): boolean {
  return status === 412 || status === 429 || status >= 500;
}

function hint(status: number): string {
  if (status === 403) return "The token that was used may not do this, or is no longer valid; see docs/runbook.md.";
  if (status === 429) return "Vault limits the rate of requests; run the command again, or lower --concurrency.";
  if (isTransient(status)) return "Run it again once Vault has recovered; `vault-hooks status` shows each pod.";
  return "Correct what Vault names, then run the command again.";
}
