import { AppError, ExitCode } from "../errors.ts";
import { redactFreeText } from "../redact.ts";

/**
 * Vault answered with an error. `status` is the HTTP status; `errors` are Vault's messages, for comparison only. `reason` is
 * the same for people, with secrets redacted.
 * Transient are 307, 412, 429 and 5xx, except a 500 whose words are about the request itself.
 * @see https://developer.hashicorp.com/vault/api-docs#http-status-codes
 */
export class VaultError extends AppError {
  readonly exitCode: ExitCode;
  readonly status: number;
  readonly errors: readonly string[];
  readonly reason: string;
  /** Whether the same request may be answered differently later. */
  readonly transient: boolean;
  /** How often the client repeats the request. A 500 about the request itself is repeated too, since words can mislead. */
  readonly retries: number;

  constructor(subject: string, status: number, errors: readonly string[]) {
    const text = errors.join("; ").trim();
    const cause = causeOf(status, text);
    const reason = redactFreeText(text) || (status === 307 ? standby : "no reason");
    super(`${subject}: Vault answered ${status}: ${reason}`, { todo: hints[cause](status) });
    this.status = status;
    this.errors = errors;
    this.reason = reason;
    this.transient = cause === "Vault" || cause === "other system";
    this.retries = this.transient ? 8 : cause === "request" ? 3 : 0;
    this.exitCode = this.transient ? ExitCode.notReady : ExitCode.denied;
  }
}

/** Whether the same request may be answered differently later. A standby answers 307 if it cannot forward to the leader. */
export function isTransient(status: number): boolean {
  return status === 307 || status === 412 || status === 429 || status >= 500;
}

/** An answer that is not JSON, such as a proxy's page. It is not quoted, since an answer may hold secrets. */
export const notJson = "the answer is not JSON: is this address Vault's?";

const standby = "a standby that cannot forward the request to the leader";

/**
 * Where the cause of an error is: in Vault's own state, in a system that Vault asks, in the request (Vault reports mistakes of
 * plugins as 500 too), or in its size. `final` is any other answer.
 */
type Cause = "Vault" | "other system" | "request" | "size" | "final";

function causeOf(status: number, text: string): Cause {
  if (tooLarge.test(text)) return "size";
  if (!isTransient(status)) return "final";
  const words = withoutQuoted(text);
  if (status !== 500 || text === "" || text.includes(notJson) || betweenMembers.test(words)) return "Vault";
  // before Vault's phrases: the host that is named may have a word of them
  if (ofNetwork.test(words)) return "other system";
  return ofVault.test(words) ? "Vault" : "request";
}

/** Removes names and values that a message quotes: they are the user's, and may have any word. Keeps apostrophes. */
function withoutQuoted(text: string): string {
  return text.replaceAll(/"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, "");
}

/** Vault's limits for one string, for one Raft entry, and for a request, in this order. */
const tooLarge = /exceeds allowed length|value being too large|request body too large/;

/**
 * Phrases of Vault's core, its storage and its plugin processes, of which each passes when Vault recovers. Whole phrases, since
 * databases and clouds use the same words for mistakes: `cannot execute CREATE ROLE in a read-only transaction`.
 * @see https://github.com/hashicorp/vault/blob/main/sdk/helper/consts/error.go
 * @see https://github.com/hashicorp/raft/blob/main/api.go
 */
const ofVault = new RegExp(
  [
    ...["internal error", "(vault|barrier|core|storage) is sealed", "standby mode", "perf(ormance)? standby"],
    ...["active (cluster )?node", "not the leader", "no (cluster )?leader", "leadership (lost|transfer)"],
    ...["overloaded", "try again", "context (canceled|deadline exceeded)", "shut ?down", "shutting down"],
    ...["not (yet )?initialized", "is (still )?initializing", "keyring"],
    ...["raft (is|storage|backend|apply|log|cluster)\\b", "raft\\.db", "while committing log"],
    ...["storage is read-?only", "readonly storage", "read-only (mode|storage)", "storage during setup"],
    ...["failed to (audit|persist|commit|acquire)", "database is locked"],
    ...["rpc error: code = (Unavailable|Canceled|DeadlineExceeded)", "transport is closing", "unavailable"],
    ...["plugin (exited|process|is shut)", "broken pipe", "unexpected EOF"],
    ...["no space left", "too many open files", "cannot allocate memory"],
    ...["upgrade from non-versioned", "upgrading from non-versioned"],
  ].join("|"),
  "i",
);

/** Network errors between Vault's own members, and Raft's timeout, which no other system causes. */
const betweenMembers = /error during forwarding|timed out enqueuing/i;

/** Words of Go's network errors, when Vault asks a database, a cloud or an identity provider. */
const ofNetwork = /dial tcp|connection (refused|reset)|no such host|i\/o timeout|timed? ?out|network is unreachable/i;

const hints: Readonly<Record<Cause, (status: number) => string>> = {
  Vault: (status) =>
    status === 429
      ? "Vault limits the rate of requests; run the command again, or lower --concurrency."
      : "Run it again once Vault has recovered; `vault-hooks status` shows each pod.",
  "other system": () =>
    "Check that the system which Vault names is running and that Vault can reach it, then run the command again.",
  request: () =>
    "Vault answers the same to each attempt. Correct what it names: the object, the server's configuration, or another system.",
  size: () =>
    "Make it smaller. Vault's limits are max_json_string_value_length, max_request_size and Raft's max_entry_size.",
  final: (status) =>
    status === 403
      ? "The token that was used may not do this, or is no longer valid; see docs/runbook.md."
      : "Correct what Vault names, then run the command again.",
};
