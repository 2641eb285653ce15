import { setTimeout as delay } from "node:timers/promises";
import nodeVault from "node-vault";
import { AppError, NotReadyError } from "../errors.ts";
import { backoff } from "../util/backoff.ts";
import type { Deadline } from "../util/deadline.ts";
import { VaultError } from "./error.ts";
import { openRateLimit, type RateLimit } from "./rate-limit.ts";
import { openTransport, type Transport, type VaultAddress } from "./transport.ts";
import { noteWarnings } from "./warnings.ts";

/** The body of an answer: an object with `data`, `auth` and so on, or with other fields (`sys/` paths). */
export type Answer = { readonly [key: string]: unknown };

type RequestOptions = {
  /** The request is never retried, even if its response was lost (init, unseal, join). */
  readonly once?: boolean;
};

/**
 * One Vault server, with or without a token. Paths are those of the API without `v1/`, built by vaultPath(). Requests throw
 * VaultError for an error answer, NotReadyError without an answer, ConfigError if the server's certificate is not trusted.
 */
export type Vault = {
  readonly name: string;
  /** @returns undefined for a 404 that carries no data */
  read(path: string, options?: RequestOptions): Promise<Answer | undefined>;
  /** @returns the keys; [] for a 404 */
  list(path: string): Promise<string[]>;
  /** @returns the answer, or undefined if it has no body (204) */
  write(path: string, data: Record<string, unknown>, options?: RequestOptions): Promise<Answer | undefined>;
  delete(path: string): Promise<void>;
  /** The same server and connections, with this token. The token must be registered as a secret. */
  withToken(token: string): Vault;
  close(): Promise<void>;
};

export type VaultOptions = {
  /** Ends every request and every retry. */
  readonly deadline: Deadline;
  /** The most connections at once; default 8. */
  readonly connections?: number;
  /** The longest wait for one answer, in milliseconds; default 30 s. */
  readonly timeoutMs?: number;
};

/** The most retries without an answer; with the pauses below about 12 s in total. VaultError says how many an answer gets. */
const retries = 8;
/** In milliseconds. */
const longestPause = 3000;

/**
 * Opens a client for one Vault server. Nothing is sent yet.
 * @see https://developer.hashicorp.com/vault/api-docs
 */
export function connectVault(address: VaultAddress, options: VaultOptions): Vault {
  const { deadline, connections = 8, timeoutMs = 30_000 } = options;
  const rateLimit = openRateLimit();
  const transport = openTransport(address, { connections, timeoutMs, signal: deadline.signal, rateLimit });
  return client({ address, deadline, transport, rateLimit });
}

type Connection = {
  readonly address: VaultAddress;
  readonly deadline: Deadline;
  readonly transport: Transport;
  readonly rateLimit: RateLimit;
};

function client(connection: Connection, token?: string): Vault {
  const { address, transport } = connection;
  const raw = nodeVaultOn(address.origin, transport, token);
  async function call<T>(verb: string, path: string, options: RequestOptions, act: () => Promise<T>) {
    const subject = `${verb} ${path} on ${address.name}`;
    return await retrying(subject, connection, options.once === true, () => noting(subject, act));
  }
  return {
    name: address.name,
    read: (path, options = {}) => call("read", path, options, () => raw.read(path)).catch(dataOf404),
    async list(path) {
      const answer = await call("list", path, {}, () => raw.list(path)).catch(dataOf404);
      return keysOf(answer);
    },
    write: (path, data, options = {}) => call("write", path, options, () => raw.write(path, data)),
    async delete(path) {
      await call("delete", path, {}, () => raw.delete(path));
    },
    withToken: (next) => client(connection, next),
    close: transport.close,
  };
}

/** node-vault on our transport, without its reading of the environment: VAULT_TOKEN and the like must not affect a run. */
function nodeVaultOn(origin: string, transport: Transport, token: string | undefined) {
  const raw = nodeVault({
    endpoint: origin,
    // node-vault's debug output has payloads, and its VAULT_SKIP_VERIFY=false switches verification off
    debug: () => undefined,
    rpDefaults: { strictSSL: true },
    // skips its check that each request has a path and a method, which takes a tenth of the request's time
    tv4: { validate: () => true },
    "request-promise": { defaults: () => transport.send },
  } as unknown as Parameters<typeof nodeVault>[0]);
  Object.assign(raw, { token, namespace: undefined, pathPrefix: "" });
  return raw;
}

async function noting<T>(subject: string, act: () => Promise<T>): Promise<T> {
  try {
    const answer = await act();
    noteWarnings(subject, answer);
    return answer;
  } catch (cause) {
    noteWarnings(subject, (cause as { response?: { body?: unknown } }).response?.body);
    throw cause;
  }
}

async function retrying<T>(
  subject: string,
  { deadline, rateLimit }: Connection,
  once: boolean,
  act: () => Promise<T>,
): Promise<T> {
  let tried = 0;
  let last: unknown;
  const nextPause = backoff({ first: 100, longest: longestPause });
  for (;;) {
    await rateLimit.released(deadline.signal).catch((cause: unknown) => {
      throw last ?? notSent(subject, cause);
    });
    try {
      return await act();
    } catch (cause) {
      const error = translate(subject, cause);
      // the server works, only at a limited rate: the deadline alone ends these retries
      if (!isRateLimited(error)) tried++;
      if (once || tried > retriesAfter(error) || deadline.signal.aborted) throw error;
      last = error;
      const pause = nextPause();
      if (isRateLimited(error)) rateLimit.hold(pause);
      else await delay(pause, undefined, { signal: deadline.signal }).catch(() => Promise.reject(error));
    }
  }
}

/** The request waited for the rate limit until the run ended. */
function notSent(subject: string, cause: unknown): NotReadyError {
  return new NotReadyError(
    `${subject}: not sent: Vault limits the rate of requests, and the run ended before it could be sent`,
    {
      cause,
      todo: "Run it again, or give it more time with --timeout.",
    },
  );
}

function isRateLimited(error: unknown): boolean {
  return error instanceof VaultError && error.status === 429;
}

function retriesAfter(error: unknown): number {
  if (error instanceof VaultError) return error.retries;
  return error instanceof NotReadyError ? retries : 0;
}

function translate(subject: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  const { response } = cause as { response?: { statusCode: number; body: unknown } };
  if (response === undefined) return cause;
  return new ErrorAnswer(subject, response.statusCode, response.body);
}

/** Keeps the body of an error answer, since a 404 may carry data (a deleted KV version). */
class ErrorAnswer extends VaultError {
  readonly body: Answer | undefined;
  constructor(subject: string, status: number, body: unknown) {
    super(subject, status, errorsOf(body));
    this.name = "VaultError";
    this.body = typeof body === "object" && body !== null ? (body as Answer) : undefined;
  }
}

function errorsOf(body: unknown): string[] {
  const errors = (body as { errors?: unknown } | undefined)?.errors;
  return Array.isArray(errors) ? errors.map(String) : [];
}

function dataOf404(error: unknown): Answer | undefined {
  if (!(error instanceof ErrorAnswer) || error.status !== 404) throw error;
  return error.body?.["data"] === undefined ? undefined : error.body;
}

function keysOf(answer: Answer | undefined): string[] {
  const keys = (answer?.["data"] as { keys?: unknown } | undefined)?.keys;
  return Array.isArray(keys) ? keys.map(String) : [];
}
