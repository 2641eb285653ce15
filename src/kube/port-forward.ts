import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import type * as Client from "@kubernetes/client-node";
import { DeniedError } from "../errors.ts";
import type { Forward } from "./kube.ts";

type Target = { readonly namespace: string; readonly pod: string; readonly port: number };
/** The part of client-node's PortForward that is used; one opens any number of connections. */
type Tunnel = Pick<Client.PortForward, "portForward">;

/**
 * Opens a port on 127.0.0.1 whose connections lead to a pod's port through the API server. Each has a WebSocket of its
 * own, so that one that breaks takes no other with it, and the next connection is a new one.
 *
 * @throws DeniedError where port forwarding is denied; a pod that does not answer shows by its connections' end
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#-strong-proxy-operations-pod-v1-core-strong-
 */
export async function forwardPort(tunnel: Tunnel, target: Target): Promise<Forward> {
  await refuseIfDenied(tunnel, target);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // a client that breaks off is its own affair
    socket.on("error", () => socket.destroy());
    connect(tunnel, target, socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function connect(tunnel: Tunnel, { namespace, pod, port }: Target, socket: Socket): Promise<void> {
  const channel = await tunnel.portForward(namespace, pod, [port], socket, closing(socket), socket);
  // only a retrying channel, which is not asked for, is a function
  if (typeof channel === "function") return;
  if (socket.destroyed) return channel.close();
  socket.on("close", () => channel.close());
  channel.onclose = () => socket.end();
}

/** The error stream: its first message only names the port, any other says why the pod's port cannot be reached. */
function closing(socket: Socket): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) socket.destroy();
      done();
    },
  });
}

/** Opens one channel and closes it, since a refusal would otherwise show only as a connection that ends. */
async function refuseIfDenied(tunnel: Tunnel, { namespace, pod, port }: Target): Promise<void> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const nothing = new PassThrough();
  try {
    const channel = await tunnel.portForward(namespace, pod, [port], nowhere(), nowhere(), nothing);
    if (typeof channel !== "function") channel.close();
  } catch (cause) {
    if (!String((cause as { message?: unknown }).message).includes("response: 403")) return;
    throw new DeniedError(`forward a port to Pod ${pod} in namespace ${namespace}: Kubernetes denied it`, {
      todo: `Give the kubeconfig's user the rights "get" and "create" on pods/portforward in namespace ${namespace}.`,
    });
  }
}
