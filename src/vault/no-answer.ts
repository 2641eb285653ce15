import { ConfigError, NotReadyError } from "../errors.ts";
import { redactFreeText } from "../redact.ts";
import { isTlsError } from "../util/tls-error.ts";

/** @param most in bytes */
export class TooMuchReceived extends Error {
  constructor(most: number) {
    super(`the answers that are received at once exceed ${most / 1024 / 1024} MiB`);
  }
}

/** The error of a request that got no answer. @param request for the message: "GET /v1/sys/health on vault-0" */
export function noAnswer(request: string, cause: unknown): NotReadyError | ConfigError {
  const message = `${request}: no answer: ${redactFreeText(reasonOf(cause))}`;
  if (isTlsError((cause as { code?: unknown }).code)) {
    return new ConfigError(message, {
      cause,
      todo: isNameMismatch(cause) ? nameMismatchHint : "Pass the CA of Vault's certificate with --ca-file.",
    });
  }
  if (cause instanceof TooMuchReceived) {
    return new NotReadyError(message, {
      cause,
      todo: "Lower --concurrency and run the command again. If that does not help, check that this address is Vault's.",
    });
  }
  return new NotReadyError(message, {
    cause,
    todo:
      "Check that the pod is running and can be reached, then run the command again. If Vault closes the connection at the same request " +
      "each time, its log may show a panic, which the declared value causes.",
  });
}

const nameMismatchHint =
  "The CA is trusted, but the certificate does not name this host. Give Vault a certificate that names each pod as " +
  "POD.SERVICE.NAMESPACE.svc (the headless Service), or set --address to a host that the certificate names.";

function isNameMismatch(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === "ERR_TLS_CERT_ALTNAME_INVALID";
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
