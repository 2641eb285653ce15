import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { KubeServer } from "./kube-server.ts";

/** How the proxy answers the next watches, instead of the API server: `status` as HTTP, `event` as an event of a watch. */
export type WatchFault =
  | { readonly status: number }
  | { readonly event: { readonly code: number; readonly message: string } };

/** Runs in front of a real API server, and adds faults of watches that it cannot be made to show in time. */
export type KubeProxy = {
  readonly address: string;
  /** Answers the next `times` watches with a fault. */
  failWatches(fault: WatchFault, times: number): void;
  /** Cuts every connection in use, and with it every watch. */
  cut(): void;
  /** Every request in order, such as `GET /api/v1/namespaces/vault/pods`, a watch with its query. */
  readonly requests: string[];
  close(): Promise<void>;
};

export async function startKubeProxy(kube: KubeServer): Promise<KubeProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let [fault, left]: [WatchFault | undefined, number] = [undefined, 0];
  const server = createServer((incoming, outgoing) => {
    const { method, url = "" } = incoming;
    const isWatch = url.includes("watch=true");
    requests.push(`${method} ${isWatch ? url : url.split("?")[0]}`);
    if (isWatch && left > 0 && fault !== undefined) {
      left -= 1;
      return fail(outgoing, fault);
    }
    forward(kube, incoming, outgoing);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failWatches(next, times) {
      [fault, left] = [next, times];
    },
    cut,
    requests,
    async close() {
      server.close();
      cut();
      if (server.listening) await once(server, "close");
    },
  };
}

function fail(outgoing: ServerResponse, fault: WatchFault): void {
  const code = "status" in fault ? fault.status : fault.event.code;
  const message = "status" in fault ? "too old resource version" : fault.event.message;
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message, reason: "Expired", code };
  const body = "status" in fault ? status : { type: "ERROR", object: status };
  outgoing
    .writeHead("status" in fault ? code : 200, { "content-type": "application/json" })
    .end(`${JSON.stringify(body)}\n`);
}

function forward(kube: KubeServer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port } = new URL(kube.url);
  const { method, url: path, headers } = incoming;
  const out = request({ host: hostname, port: port || 443, ca: kube.ca, method, path, headers }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(outgoing);
    reply.on("error", () => outgoing.destroy());
  });
  out.on("error", () => outgoing.destroy());
  outgoing.on("close", () => out.destroy());
  incoming.pipe(out);
}
