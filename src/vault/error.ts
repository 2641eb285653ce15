import { AppError, ExitCode } from "../errors.ts";

/**
 * Vault said no. `status` is the HTTP status, `errors` what Vault wrote (values registered as secrets never show,
 * since every output is redacted).
 * Worth trying again are 412, 429 and 5xx; every other status is Vault's last word.
 * @see https://developer.hashicorp.com/vault/api-docs#http-status-codes
 */
export class VaultError extends AppError {
  readonly exitCode: ExitCode;
  readonly status: number;
  readonly errors: readonly string[];

  constructor(subject: string, status: number, errors: readonly string[]) {
    const said = errors.length > 0 ? errors.join("; ").trim() : "no reason";
    super(`${subject}: Vault answered ${status}: ${said}`, { todo: hint(status) });
    this.status = status;
    this.errors = errors;
    this.exitCode = isTransient(status) ? ExitCode.notReady : ExitCode.denied;
  }
}

/** Whether the same request may be answered differently later. */
export function isTransient(status: number): boolean {
  return status === 412 || status === 429 || status >= 500;
}

function hint(status: number): string {
  if (status === 403) return "The token that was used may not do this, or is no longer valid; see docs/runbook.md.";
  if (status === 429) return "Vault limits the rate of requests; run it again, or lower --concurrency.";
  if (isTransient(status)) return "Run it again once Vault has recovered; `vault-hooks status` shows each pod.";
  return "Correct what Vault names, then run it again.";
}
