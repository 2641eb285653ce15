import { Agent, type Dispatcher } from "undici";
import { ConfigError, NotReadyError } from "../errors.ts";
import { isTlsError } from "../util/tls-error.ts";
import type { RateLimit } from "./rate-limit.ts";

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
type TransportRequest = {
  readonly uri: string;
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
};
type TransportAnswer = { statusCode: number; body: unknown; request: { path: string } };

/** No answer of Vault comes near this; a longer one is not Vault's. */
const largestAnswer = 64 * 1024 * 1024;

export type Transport = {
  /**
   * Sends one request and reads its whole answer.
   * @throws NotReadyError when no answer came: the connection failed, was cut, or took too long; ConfigError when the
   *   other side's certificate is not to be trusted
   */
  readonly send: (request: TransportRequest) => Promise<TransportAnswer>;
  readonly close: () => Promise<void>;
};

type TransportOptions = {
  /** The most connections at once. */
  readonly connections: number;
  /** The longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** Is pulled where an answer says for how long. */
  readonly brake: RateLimit;
};

/** Kept-alive connections to one Vault server. TLS is always verified. */
export function openTransport(address: VaultAddress, options: TransportOptions): Transport {
  const { connections, timeoutMs, signal, brake } = options;
  const pool = openPool(address, connections, timeoutMs);
  const underWay = new Set<Dispatcher.DispatchController>();
  // one listener for all: a listener for each of thousands of requests costs more than the request
  const stop = () => {
    for (const controller of underWay) controller.abort(reasonToStop(signal));
  };
  signal.addEventListener("abort", stop);
  return {
    send: (request) => send(pool, address.name, request, { signal, brake, underWay }),
    async close() {
      signal.removeEventListener("abort", stop);
      await pool.destroy();
    },
  };
}

function openPool(address: VaultAddress, connections: number, timeoutMs: number): Agent {
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

type UnderWay = { readonly underWay: Set<Dispatcher.DispatchController> };

async function send(
  pool: Dispatcher,
  name: string,
  { uri, method, headers, json }: TransportRequest,
  { signal, brake, underWay }: Pick<TransportOptions, "signal" | "brake"> & UnderWay,
): Promise<TransportAnswer> {
  const { origin, pathname, search } = new URL(uri);
  const hasBody = typeof json === "object" && json !== null;
  try {
    const { statusCode, retryAfter, text } = await exchange(
      pool,
      {
        origin,
        path: pathname + search,
        method: method as Dispatcher.HttpMethod,
        headers: { ...headers, ...(hasBody ? { "content-type": "application/json" } : {}) },
        body: hasBody ? JSON.stringify(json) : null,
      },
      signal,
      underWay,
    );
    // Vault gives seconds: RFC 9110, 10.2.3
    if (statusCode === 429 && /^\d{1,4}$/.test(retryAfter)) brake.hold(Number(retryAfter) * 1000);
    return { statusCode, body: parse(text), request: { path: pathname } };
  } catch (cause) {
    throw noAnswer(`${method} ${pathname} on ${name}: no answer: ${reasonOf(cause)}`, cause);
  }
}

/** By undici's handlers and not by its streams, which cost more than all the rest of a small request. */
function exchange(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  underWay: Set<Dispatcher.DispatchController>,
): Promise<{ statusCode: number; retryAfter: string; text: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let statusCode = 0;
    let retryAfter = "";
    pool.dispatch(options, {
      onRequestStart(controller) {
        underWay.add(controller);
        if (signal.aborted) controller.abort(reasonToStop(signal));
      },
      onResponseStart(_controller, status, headers) {
        statusCode = status;
        retryAfter = String(headers["retry-after"] ?? "");
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd(controller) {
        underWay.delete(controller);
        resolve({ statusCode, retryAfter, text: Buffer.concat(chunks).toString("utf8") });
      },
      onResponseError(controller, error) {
        underWay.delete(controller);
        reject(error);
      },
    });
  });
}

function reasonToStop(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("told to stop");
}

function isOfAnotherName(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === "ERR_TLS_CERT_ALTNAME_INVALID";
}

const anotherName =
  "The certificate is of a CA that is trusted, and does not name this host. Give Vault one that names each pod as POD.SERVICE.NAMESPACE.svc " +
  "(the headless Service), or name a host that it has by --address.";

function noAnswer(message: string, cause: unknown): NotReadyError | ConfigError {
  if (isTlsError((cause as { code?: unknown }).code)) {
    return new ConfigError(message, {
      cause,
      todo: isOfAnotherName(cause) ? anotherName : "Name the CA of Vault's certificate by --ca-file.",
    });
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
