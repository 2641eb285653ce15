import { Agent, type Dispatcher, request } from "undici";
import { ConfigError, NotReadyError } from "../errors.ts";
import { isUntrusted } from "../util/untrusted.ts";

/** Where one Vault server is reached, and by what name its certificate is checked. */
export type VaultAddress = {
  /** Shown to people: the pod's name, or the host. */
  readonly name: string;
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly origin: string;
  /** The name in the certificate, where it differs from the origin's host (a forwarded port). */
  readonly servername?: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
};

/** What node-vault hands to its transport; only these fields are used. */
export type TransportRequest = {
  readonly uri: string;
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
};
type TransportAnswer = { statusCode: number; body: unknown; request: { path: string } };

/** No answer of Vault comes near this; a longer one is not Vault's. */
const largestAnswer = 64 * 1024 * 1024;

/**
 * Kept-alive connections to one Vault server. TLS is always verified.
 *
 * @param connections the most connections at once
 * @param timeoutMs the longest wait for one answer, in milliseconds
 */
export function openPool(address: VaultAddress, connections: number, timeoutMs: number): Agent {
  return new Agent({
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: largestAnswer,
    connect: {
      timeout: Math.min(timeoutMs, 10_000),
      // said, since NODE_TLS_REJECT_UNAUTHORIZED=0 counts where it is not
      rejectUnauthorized: true,
      ...(address.servername === undefined ? {} : { servername: address.servername }),
      ...(address.ca === undefined ? {} : { ca: address.ca }),
    },
  });
}

/**
 * Sends one request and reads its whole answer.
 * @throws NotReadyError when no answer came: the connection failed, was cut, or took too long; ConfigError when the
 *   other side's certificate is not to be trusted
 */
export async function send(pool: Dispatcher, name: string, options: TransportRequest, signal: AbortSignal) {
  const path = new URL(options.uri).pathname;
  const hasBody = typeof options.json === "object" && options.json !== null;
  try {
    const answer = await request(options.uri, {
      dispatcher: pool,
      method: options.method,
      headers: { ...options.headers, ...(hasBody ? { "content-type": "application/json" } : {}) },
      body: hasBody ? JSON.stringify(options.json) : null,
      signal,
    });
    const text = await answer.body.text();
    return { statusCode: answer.statusCode, body: parse(text), request: { path } } satisfies TransportAnswer;
  } catch (cause) {
    throw noAnswer(`${options.method} ${path} on ${name}: no answer: ${reasonOf(cause)}`, cause);
  }
}

function noAnswer(message: string, cause: unknown): NotReadyError | ConfigError {
  if (isUntrusted((cause as { code?: unknown }).code)) {
    return new ConfigError(message, { cause, todo: "Name the CA of Vault's certificate by --ca-file." });
  }
  return new NotReadyError(message, {
    cause,
    todo: "Look whether the pod runs and can be reached, then run it again.",
  });
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML, say. The text is not quoted: an answer may hold secrets.
    return { errors: ["the answer is not JSON: is this address Vault's?"] };
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
