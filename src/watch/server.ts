import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../errors.ts";
import type { ListenAddress } from "../setting-types.ts";

/** How watch is, as its probes ask. */
export type Health = {
  /** Why this process should be restarted; undefined if it should not. */
  unhealthy(): string | undefined;
  /** Why it is not ready; undefined if it is. */
  unready(): string | undefined;
  /** The metrics, in Prometheus' text format. */
  metrics(): string;
};

export type Listener = {
  /** Chosen by the system if the address has port 0. */
  readonly port: number;
  close(): Promise<void>;
};

/**
 * Serves /healthz, /readyz and /metrics. No answer has a secret, and no request changes anything.
 *
 * @throws ConfigError if the address cannot be listened on
 */
export async function serve({ host, port }: ListenAddress, health: Health): Promise<Listener> {
  const server = createServer((request, response) => {
    const { status, type = "text/plain; charset=utf-8", body } = answer(request.method, request.url, health);
    response.writeHead(status, { "content-type": type }).end(body);
  });
  // a client that sends nothing must not hold a connection for long
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function listening(server: Server, host: string | undefined, port: number): Promise<void> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (cause) {
    throw new ConfigError(`--listen: cannot listen on ${host ?? ""}:${port}: ${(cause as Error).message}`, { cause });
  }
}

type Answer = { readonly status: number; readonly type?: string; readonly body: string };

function answer(method: string | undefined, url: string | undefined, health: Health): Answer {
  if (method !== "GET" && method !== "HEAD") return { status: 405, body: "only GET\n" };
  const path = url?.split("?")[0];
  if (path === "/healthz") return probe(health.unhealthy());
  if (path === "/readyz") return probe(health.unready());
  if (path === "/metrics")
    return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: health.metrics() };
  return { status: 404, body: "try /healthz, /readyz or /metrics\n" };
}

function probe(reason: string | undefined): Answer {
  return reason === undefined ? { status: 200, body: "ok\n" } : { status: 503, body: `${reason}\n` };
}
