import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/**
 * What the proxy does to a request. `cut` closes the connection without forwarding it; `lose` forwards it, and closes the
 * connection instead of responding; `hang` neither forwards nor responds.
 */
export type Fault =
  | Refusal
  | { readonly do: "cut" | "lose" | "hang" }
  | { readonly delayMs: number }
  /** Changes the body of the server's response. */
  | { readonly edit: (body: string) => string };

/** Responds with an error instead of the server's response. */
type Refusal = {
  readonly status: number;
  readonly errors?: readonly string[];
  readonly headers?: Record<string, string>;
  /** The server handles the request all the same. */
  readonly afterForwarding?: boolean;
};

type Rule = {
  /** How many requests it applies to; unlimited by default. */
  readonly times?: number;
  readonly method?: string;
  /** Matches the path without `/v1/`. */
  readonly path?: RegExp;
};

/** Runs in front of a real Vault, adds faults that Vault cannot be made to show, and records the requests. */
export type Proxy = {
  readonly address: string;
  /** Adds a rule. The newest rule that matches a request applies, `times` times. */
  fault(fault: Fault, rule?: Rule): void;
  /** Removes all rules. */
  clearFaults(): void;
  /** Refuses every connection from the response to the `nth` matching request on, until `accept` is called. */
  refuseAfter(nth: number, path: RegExp): void;
  /** Accepts connections again. */
  accept(): Promise<void>;
  /** Every request in order, such as `GET sys/health`, also those that met a fault. */
  readonly requests: string[];
  /** The tokens of all requests. */
  readonly tokens: Set<string>;
  /** @returns how many matching requests were forwarded to the server */
  countForwarded(method: string, path: RegExp): number;
  close(): Promise<void>;
};

type ActiveRule = Rule & { readonly fault: Fault; left: number };

/** OpenBao's response where an unauthenticated endpoint is disabled. */
export const unsupportedOperation: Fault = {
  status: 405,
  errors: ["1 error occurred:\n\t* unsupported operation\n\n"],
};

/**
 * @param origin the real server, `http://host:port`
 * @param port the proxy's own; any free port by default
 */
export async function startProxy(origin: string, port = 0): Promise<Proxy> {
  let rules: ActiveRule[] = [];
  const requests: string[] = [];
  const tokens = new Set<string>();
  const forwarded: { method: string; path: string }[] = [];
  const sockets = new Set<Socket>();
  let refusal: { readonly path: RegExp; left: number } | undefined;
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [method, path] = [incoming.method ?? "", (incoming.url ?? "").replace(/^\/v1\//, "")];
    note(incoming, `${method} ${path}`);
    const body = await buffer(incoming);
    const fault = takeFault(method, path) ?? { delayMs: 0 };
    if (isImmediate(fault)) return refuse(outgoing, fault);
    if ("delayMs" in fault) await delay(fault.delayMs);
    const action = "do" in fault ? fault.do : "respond";
    if (action === "hang") return;
    if (action === "cut") return void incoming.socket.destroy();
    noteForwarded(method, path, outgoing);
    const reply = await forward(origin, incoming, body);
    if (action === "lose") return void incoming.socket.destroy();
    respond(outgoing, reply, fault);
  }

  function note({ headers }: IncomingMessage, line: string): void {
    requests.push(line);
    const token = headers["x-vault-token"];
    if (typeof token === "string") tokens.add(token);
  }

  function noteForwarded(method: string, path: string, outgoing: ServerResponse): void {
    forwarded.push({ method, path });
    if (refusal?.path.test(path) !== true) return;
    refusal.left -= 1;
    if (refusal.left === 0) outgoing.on("close", refuseConnections);
  }

  function refuseConnections(): void {
    server.close();
    for (const socket of sockets) socket.destroy();
  }

  function takeFault(method: string, path: string): Fault | undefined {
    const rule = rules.find(
      (each) => (each.method ?? method) === method && (each.path === undefined || each.path.test(path)),
    );
    if (rule === undefined) return undefined;
    rule.left -= 1;
    if (rule.left <= 0) rules = rules.filter((each) => each !== rule);
    return rule.fault;
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    address: `http://127.0.0.1:${bound}`,
    requests,
    tokens,
    fault: (fault, rule = {}) => void rules.unshift({ ...rule, fault, left: rule.times ?? Number.POSITIVE_INFINITY }),
    clearFaults: () => {
      rules = [];
    },
    refuseAfter(nth, path) {
      refusal = { path, left: nth };
    },
    async accept() {
      refusal = undefined;
      if (server.listening) return;
      server.listen(bound, "127.0.0.1");
      await once(server, "listening");
    },
    countForwarded: (method, path) => forwarded.filter((each) => each.method === method && path.test(each.path)).length,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

function refuse(outgoing: ServerResponse, { status, errors = [], headers = {} }: Refusal): void {
  outgoing.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify({ errors }));
}

function isImmediate(fault: Fault): fault is Refusal {
  return "status" in fault && fault.afterForwarding !== true;
}

function respond(outgoing: ServerResponse, { status, headers, body }: Reply, fault: Fault): void {
  if ("status" in fault) return void refuse(outgoing, fault);
  if (!("edit" in fault)) return void outgoing.writeHead(status, headers).end(body);
  const edited = Buffer.from(fault.edit(body.toString()));
  outgoing.writeHead(status, { ...headers, "content-length": edited.length }).end(edited);
}

type Reply = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

async function forward(origin: string, incoming: IncomingMessage, body: Buffer): Promise<Reply> {
  const url = new URL(origin);
  const { method, url: path, headers } = incoming;
  // Forwards the raw path: a URL object would normalise it.
  const out = request({ host: url.hostname, port: url.port, method, path, headers: { ...headers, host: url.host } });
  out.end(body);
  const [reply] = (await once(out, "response")) as [IncomingMessage];
  const { "transfer-encoding": _, ...rest } = reply.headers;
  return { status: reply.statusCode ?? 500, headers: rest, body: await buffer(reply) };
}
