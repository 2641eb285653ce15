import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import type * as Client from "@kubernetes/client-node";
import { DeniedError, NotReadyError } from "../errors.ts";
import { type Deadline, gaveUp, orAborted } from "../util/deadline.ts";
import type { Forward } from "./kube.ts";

type Target = { readonly namespace: string; readonly pod: string; readonly port: number };
/** The part of client-node's PortForward that is used; one opens any number of connections. */
type Tunnel = Pick<Client.PortForward, "portForward">;

/**
 * The longest wait for a first channel, in milliseconds: whatever stands between may take the request and never answer. The API
 * server itself gives a node up after 30 s.
 */
const firstChannel = 45_000;

/**
 * Opens a port on 127.0.0.1 whose connections lead to a pod's port through the API server. Each has a WebSocket of its
 * own, so that one that breaks takes no other with it, and the next connection is a new one.
 *
 * @param deadline ends the wait for the first channel early
 * @throws DeniedError where port forwarding is denied; NotReadyError where nothing answers to the request for it; a pod that
 *   does not answer shows by its connections' end
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#-strong-proxy-operations-pod-v1-core-strong-
 */
export async function forwardPort(tunnel: Tunnel, target: Target, deadline: Deadline): Promise<Forward> {
  await refuseIfDenied(tunnel, target, deadline.signal);
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
async function refuseIfDenied(tunnel: Tunnel, { namespace, pod, port }: Target, signal: AbortSignal): Promise<void> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const nothing = new PassThrough();
  const opened = tunnel
    .portForward(namespace, pod, [port], nowhere(), nowhere(), nothing)
    .then((channel) => typeof channel !== "function" && channel.close());
  const late = AbortSignal.timeout(firstChannel);
  try {
    await orAborted(AbortSignal.any([signal, late]), opened);
  } catch (cause) {
    if (signal.aborted) throw gaveUp(`a port forwarded to Pod ${pod} in namespace ${namespace}`, signal, "");
    if (late.aborted) throw unanswered(pod, namespace);
    if (!String((cause as { message?: unknown }).message).includes("response: 403")) return;
    throw new DeniedError(`forward a port to Pod ${pod} in namespace ${namespace}: Kubernetes denied it`, {
      todo: `Give the kubeconfig's user the rights "get" and "create" on pods/portforward in namespace ${namespace}.`,
    });
  }
}

function unanswered(pod: string, namespace: string): NotReadyError {
  return new NotReadyError(
    `forward a port to Pod ${pod} in namespace ${namespace}: Kubernetes has not answered in ${firstChannel / 1000} s`,
    {
      todo: "Look whether the pod's node and what stands before the API server let WebSockets through; or give --address.",
    },
  );
}
