import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** What a faulty path does to a request. `lose` lets the server do it and loses the answer; `cut` never passes it on. */
export type Fault =
  | Refusal
  | { readonly do: "cut" | "lose" | "hang" }
  | { readonly delayMs: number }
  /** Passes on another answer than the server gave. */
  | { readonly edit: (body: string) => string };

/** `done`: the server does it all the same, before it is answered so. */
type Refusal = {
  readonly status: number;
  readonly errors?: readonly string[];
  readonly headers?: Record<string, string>;
  readonly done?: boolean;
};

type Rule = {
  /** How many requests it strikes; without limit if not given. */
  readonly times?: number;
  readonly method?: string;
  /** Of the path, without `/v1/`. */
  readonly path?: RegExp;
};

/** Stands in front of a real Vault for faults that it cannot be made to show, and counts what passes. */
export type Proxy = {
  readonly address: string;
  /** The newest matching rule strikes; a rule that is used up is gone. */
  fault(fault: Fault, rule?: Rule): void;
  /** Forgets all rules. */
  heal(): void;
  /** `GET sys/health` for each request, in order, also of those that a fault struck. */
  readonly requests: string[];
  /** How many requests were passed on to the server and match. */
  passed(method: string, path: RegExp): number;
  close(): Promise<void>;
};

type Active = Rule & { readonly fault: Fault; left: number };
/** As OpenBao answers where an endpoint without authentication is switched off. */
export const unsupported: Fault = { status: 405, errors: ["1 error occurred:\n\t* unsupported operation\n\n"] };

/** @param origin where the real server is, `http://host:port`. @param port the proxy's own, any free one if not given */
export async function startProxy(origin: string, port = 0): Promise<Proxy> {
  let rules: Active[] = [];
  const requests: string[] = [];
  const forwarded: { method: string; path: string }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [method, path] = [incoming.method ?? "", (incoming.url ?? "").replace(/^\/v1\//, "")];
    requests.push(`${method} ${path}`);
    const body = await buffer(incoming);
    const fault = strike(method, path) ?? { delayMs: 0 };
    if (isRefusedAtOnce(fault)) return answer(outgoing, fault);
    if ("delayMs" in fault) await delay(fault.delayMs);
    const act = "do" in fault ? fault.do : "pass";
    if (act === "hang") return;
    if (act === "cut") return void incoming.socket.destroy();
    forwarded.push({ method, path });
    const reply = await forward(origin, incoming, body);
    if (act === "lose") return void incoming.socket.destroy();
    pass(outgoing, reply, fault);
  }

  function strike(method: string, path: string): Fault | undefined {
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
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault: (fault, rule = {}) => void rules.unshift({ ...rule, fault, left: rule.times ?? Number.POSITIVE_INFINITY }),
    heal: () => {
      rules = [];
    },
    passed: (method, path) => forwarded.filter((each) => each.method === method && path.test(each.path)).length,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

function answer(outgoing: ServerResponse, { status, errors = [], headers = {} }: Refusal): void {
  outgoing.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify({ errors }));
}

function isRefusedAtOnce(fault: Fault): fault is Refusal {
  return "status" in fault && fault.done !== true;
}

function pass(outgoing: ServerResponse, { status, headers, body }: Reply, fault: Fault): void {
  if ("status" in fault) return void answer(outgoing, fault);
  if (!("edit" in fault)) return void outgoing.writeHead(status, headers).end(body);
  const edited = Buffer.from(fault.edit(body.toString()));
  outgoing.writeHead(status, { ...headers, "content-length": edited.length }).end(edited);
}

type Reply = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

async function forward(origin: string, incoming: IncomingMessage, body: Buffer): Promise<Reply> {
  const url = new URL(origin);
  const { method, url: path, headers } = incoming;
  // the raw path: a URL object would rewrite what the client has sent
  const out = request({ host: url.hostname, port: url.port, method, path, headers: { ...headers, host: url.host } });
  out.end(body);
  const [reply] = (await once(out, "response")) as [IncomingMessage];
  const { "transfer-encoding": _, ...rest } = reply.headers;
  return { status: reply.statusCode ?? 500, headers: rest, body: await buffer(reply) };
}
