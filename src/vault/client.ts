import { setTimeout as delay } from "node:timers/promises";
import nodeVault from "node-vault";
import { AppError, NotReadyError } from "../errors.ts";
import { backoff } from "../util/backoff.ts";
import type { Deadline } from "../util/deadline.ts";
import { VaultError } from "./error.ts";
import { openRateLimit, type RateLimit } from "./rate-limit.ts";
import { openTransport, type Transport, type VaultAddress } from "./transport.ts";

/** What Vault answers: an object with `data`, `auth` and the like, or fields of its own (`sys/` paths). */
export type Answer = { readonly [key: string]: unknown };

type RequestOptions = {
  /** Never sent twice: an answer that is lost must not be asked for again (init, unseal, join). */
  readonly once?: boolean;
};

/** One Vault server, with or without a token. Paths are those of the API without `v1/`, built by vaultPath(). */
export type Vault = {
  readonly name: string;
  /** @returns undefined for a 404 that carries no data */
  read(path: string, options?: RequestOptions): Promise<Answer | undefined>;
  /** @returns the keys; none for a 404 */
  list(path: string): Promise<string[]>;
  /** @returns the answer, or undefined where Vault gives none (204) */
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

/**
 * How often a request is sent again after a passing failure. With the pauses below that is about 12 s in all. A server that says
 * 429 does its work, only not as fast as it is asked to: then the deadline alone counts.
 */
const retries = 8;
const longestPause = 3000;

/**
 * Opens a client for one Vault server. Nothing is sent yet.
 * @see https://developer.hashicorp.com/vault/api-docs
 */
export function connectVault(address: VaultAddress, options: VaultOptions): Vault {
  const { deadline, connections = 8, timeoutMs = 30_000 } = options;
  const brake = openRateLimit();
  const transport = openTransport(address, { connections, timeoutMs, signal: deadline.signal, brake });
  return client({ address, deadline, transport, brake });
}

type Connection = {
  readonly address: VaultAddress;
  readonly deadline: Deadline;
  readonly transport: Transport;
  readonly brake: RateLimit;
};

function client(connection: Connection, token?: string): Vault {
  const { address, transport } = connection;
  const raw = bare(address.origin, transport, token);
  async function call<T>(verb: string, path: string, options: RequestOptions, act: () => Promise<T>) {
    const subject = `${verb} ${path} on ${address.name}`;
    return await retrying(subject, connection, options.once === true, act);
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

/** node-vault on our transport, deaf to the environment: VAULT_TOKEN and its like must not reach into a run. */
function bare(origin: string, transport: Transport, token: string | undefined) {
  const raw = nodeVault({
    endpoint: origin,
    // node-vault's own debug prints payloads, and its VAULT_SKIP_VERIFY=false switches verification off
    debug: () => undefined,
    rpDefaults: { strictSSL: true },
    // looks at each request whether it has a path and a method, at a tenth of the request's cost
    tv4: { validate: () => true },
    "request-promise": { defaults: () => transport.send },
  } as unknown as Parameters<typeof nodeVault>[0]);
  Object.assign(raw, { token, namespace: undefined, pathPrefix: "" });
  return raw;
}

async function retrying<T>(
  subject: string,
  { deadline, brake }: Connection,
  once: boolean,
  act: () => Promise<T>,
): Promise<T> {
  let tried = 0;
  let last: unknown;
  const nextPause = backoff({ first: 100, longest: longestPause });
  for (;;) {
    await brake.released(deadline.signal).catch((cause: unknown) => {
      throw last ?? notSent(subject, cause);
    });
    try {
      return await act();
    } catch (cause) {
      const error = translate(subject, cause);
      if (!isTooFast(error)) tried++;
      if (once || tried > retries || deadline.signal.aborted || !isPassing(error)) throw error;
      last = error;
      const pause = nextPause();
      if (isTooFast(error)) brake.hold(pause);
      else await delay(pause, undefined, { signal: deadline.signal }).catch(() => Promise.reject(error));
    }
  }
}

/** It waited for its turn until the run ended. */
function notSent(subject: string, cause: unknown): NotReadyError {
  return new NotReadyError(
    `${subject}: not sent: Vault limits the rate of requests, and the run ended before its turn`,
    {
      cause,
      todo: "Run it again, or give it more time by --timeout.",
    },
  );
}

function isTooFast(error: unknown): boolean {
  return error instanceof VaultError && error.status === 429;
}

function isPassing(error: unknown): boolean {
  return error instanceof VaultError ? error.transient : error instanceof NotReadyError;
}

function translate(subject: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  const { response } = cause as { response?: { statusCode: number; body: unknown } };
  if (response === undefined) return cause;
  return new Answered(subject, response.statusCode, response.body);
}

/** Keeps the body of a refusal, since a 404 may carry data (a deleted KV version). */
class Answered extends VaultError {
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
  if (!(error instanceof Answered) || error.status !== 404) throw error;
  return error.body?.["data"] === undefined ? undefined : error.body;
}

function keysOf(answer: Answer | undefined): string[] {
  const keys = (answer?.["data"] as { keys?: unknown } | undefined)?.keys;
  return Array.isArray(keys) ? keys.map(String) : [];
}
