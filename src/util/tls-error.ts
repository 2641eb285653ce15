/**
 * Whether a connection failed since the other side's certificate is not to be trusted, by the codes of Node's TLS.
 * Waiting does not mend that.
 */
export function isTlsError(code: unknown): boolean {
  return /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY)_)/.test(String(code ?? ""));
}
