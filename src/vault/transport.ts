import { Agent, type Dispatcher } from "undici";
import { notJson } from "./error.ts";
import { noAnswer, TooMuchReceived } from "./no-answer.ts";
import type { RateLimit } from "./rate-limit.ts";

/** The address of one Vault server, and the name in its certificate. */
export type VaultAddress = {
  /** For messages: the pod's name, or the host. */
  readonly name: string;
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly origin: string;
  /** The name in the certificate, if it differs from the origin's host (a forwarded port). */
  readonly servername?: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
};

/** A request as node-vault passes it to its transport. Other fields are not used. */
type TransportRequest = {
  readonly uri: string;
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
};
type TransportAnswer = { statusCode: number; body: unknown; request: { path: string } };

/**
 * In bytes, for the answers that one transport receives at once. No answer of Vault comes near this. Answers become text and objects of
 * several times their size, and a pod of `configure` has 512 MiB.
 */
const mostReceived = 64 * 1024 * 1024;

export type Transport = {
  /**
   * Sends one request and reads its whole answer.
   * @throws NotReadyError if no answer came: the connection failed, was cut or timed out; ConfigError if the server's
   *   certificate is not trusted
   */
  readonly send: (request: TransportRequest) => Promise<TransportAnswer>;
  readonly close: () => Promise<void>;
};

type TransportOptions = {
  /** The most connections at once. */
  readonly connections: number;
  /** The longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborts requests in progress. */
  readonly signal: AbortSignal;
  /** Paused as long as an answer asks for (Retry-After). */
  readonly rateLimit: RateLimit;
};

/** Opens a pool of kept-alive connections to one Vault server. TLS is always verified. */
export function openTransport(address: VaultAddress, options: TransportOptions): Transport {
  const { connections, timeoutMs, signal, rateLimit } = options;
  const pool = openPool(address, connections, timeoutMs);
  const inProgress = new Set<Dispatcher.DispatchController>();
  const received: Received = { bytes: 0 };
  // one listener for all requests: thousands of listeners cost more than the requests
  const stop = () => {
    for (const controller of inProgress) controller.abort(reasonToStop(signal));
  };
  signal.addEventListener("abort", stop);
  return {
    send: (request) => send(pool, address.name, request, { signal, rateLimit, inProgress, received }),
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
    connect: {
      timeout: Math.min(timeoutMs, 10_000),
      // explicit, since otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 would apply
      rejectUnauthorized: true,
      ...(address.servername === undefined ? {} : { servername: address.servername }),
      ...(address.ca === undefined ? {} : { ca: address.ca }),
    },
  });
}

/** How many bytes of unfinished answers are in memory. */
type Received = { bytes: number };
type InProgress = { readonly inProgress: Set<Dispatcher.DispatchController>; readonly received: Received };

async function send(
  pool: Dispatcher,
  name: string,
  { uri, method, headers, json }: TransportRequest,
  { signal, rateLimit, inProgress, received }: Pick<TransportOptions, "signal" | "rateLimit"> & InProgress,
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
      { inProgress, received },
    );
    // in seconds: RFC 9110, 10.2.3
    if (statusCode === 429 && /^\d{1,4}$/.test(retryAfter)) rateLimit.hold(Number(retryAfter) * 1000);
    return { statusCode, body: parse(text), request: { path: pathname } };
  } catch (cause) {
    throw noAnswer(`${method} ${pathname} on ${name}`, cause);
  }
}

/** Uses undici's handlers: its streams cost more than all the rest of a small request. */
function exchange(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  { inProgress, received }: InProgress,
): Promise<{ statusCode: number; retryAfter: string; text: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (controller: Dispatcher.DispatchController) => {
      inProgress.delete(controller);
      received.bytes -= size;
      size = 0;
    };
    let statusCode = 0;
    let retryAfter = "";
    pool.dispatch(options, {
      onRequestStart(controller) {
        inProgress.add(controller);
        if (signal.aborted) controller.abort(reasonToStop(signal));
      },
      onResponseStart(_controller, status, headers) {
        statusCode = status;
        retryAfter = String(headers["retry-after"] ?? "");
      },
      onResponseData(controller, chunk) {
        chunks.push(chunk);
        size += chunk.length;
        received.bytes += chunk.length;
        if (received.bytes > mostReceived) controller.abort(new TooMuchReceived(mostReceived));
      },
      onResponseEnd(controller) {
        finish(controller);
        resolve({ statusCode, retryAfter, text: Buffer.concat(chunks).toString("utf8") });
      },
      onResponseError(controller, error) {
        finish(controller);
        reject(error);
      },
    });
  });
}

function reasonToStop(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("stopped");
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [notJson] };
  }
}
