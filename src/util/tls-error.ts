/**
 * Whether an error code of Node's TLS means that the server's certificate is not trusted. A retry does not help then.
 */
export function isTlsError(code: unknown): boolean {
  return /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET_ISSUER|VERIFY)_)/.test(String(code ?? ""));
}
