import { isTlsError } from "../util/tls-error.ts";

/**
 * Whether a request was certainly not sent, because no connection was made: the name was not found, nobody listened, or TLS
 * refused the server. A connection that broke later proves nothing: Vault works on, and the client does not see it.
 *
 * @param error thrown by a request to Vault
 */
export function wasNeverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(wasNeverConnected);
  const { code, syscall, cause } = error as { code?: unknown; syscall?: unknown; cause?: unknown };
  // the code alone is not enough: a broken connection may report EHOSTUNREACH too
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  if (code === "UND_ERR_CONNECT_TIMEOUT" || isTlsError(code)) return true;
  return cause instanceof Error && wasNeverConnected(cause);
}
