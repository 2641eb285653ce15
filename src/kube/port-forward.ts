import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import type * as Client from "@kubernetes/client-node";
import { DeniedError, NotReadyError } from "../errors.ts";
import { type Deadline, gaveUp, orAborted } from "../util/deadline.ts";
import type { Forward } from "./kube.ts";

type Target = { readonly namespace: string; readonly pod: string; readonly port: number };
/** The used part of client-node's PortForward. One instance opens any number of connections. */
type Tunnel = Pick<Client.PortForward, "portForward">;

/**
 * The longest wait for the first channel, in milliseconds. A proxy may accept the request and never answer. The API server
 * itself gives up on a node after 30 s.
 */
const firstChannelMs = 45_000;

/**
 * Opens a port on 127.0.0.1 that forwards connections to a pod's port through the API server. Each connection has its own
 * WebSocket, so that a broken one affects no other.
 *
 * @param deadline ends the wait for the first channel early
 * @throws DeniedError if port forwarding is denied; NotReadyError if the request is not answered. If the pod does not answer,
 *   its connections end.
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#-strong-proxy-operations-pod-v1-core-strong-
 */
export async function forwardPort(tunnel: Tunnel, target: Target, deadline: Deadline): Promise<Forward> {
  await refuseIfDenied(tunnel, target, deadline.signal);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // the client closed the connection
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
  const channel = await tunnel.portForward(namespace, pod, [port], socket, closeOnError(socket), socket);
  // a function only for a retrying channel, which is not requested here
  if (typeof channel === "function") return;
  if (socket.destroyed) return channel.close();
  socket.on("close", () => channel.close());
  channel.onclose = () => socket.end();
}

/** The error stream. Its first message only has the port; any other is an error, and ends the connection. */
function closeOnError(socket: Socket): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) socket.destroy();
      done();
    },
  });
}

/** Opens one channel and closes it, since otherwise a denial would only end connections without a message. */
async function refuseIfDenied(tunnel: Tunnel, { namespace, pod, port }: Target, signal: AbortSignal): Promise<void> {
  const discard = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const empty = new PassThrough();
  const opened = tunnel
    .portForward(namespace, pod, [port], discard(), discard(), empty)
    .then((channel) => typeof channel !== "function" && channel.close());
  const timeout = AbortSignal.timeout(firstChannelMs);
  try {
    await orAborted(AbortSignal.any([signal, timeout]), opened);
  } catch (cause) {
    if (signal.aborted) throw gaveUp(`a port forwarded to Pod ${pod} in namespace ${namespace}`, signal, "");
    if (timeout.aborted) throw unanswered(pod, namespace);
    if (!String((cause as { message?: unknown }).message).includes("response: 403")) return;
    throw new DeniedError(`forward a port to Pod ${pod} in namespace ${namespace}: Kubernetes denied it`, {
      todo: `Give the kubeconfig's user the permissions "get" and "create" on pods/portforward in namespace ${namespace}.`,
    });
  }
}

function unanswered(pod: string, namespace: string): NotReadyError {
  return new NotReadyError(
    `forward a port to Pod ${pod} in namespace ${namespace}: Kubernetes did not answer within ${firstChannelMs / 1000} s`,
    {
      todo: "Check that the pod's node and any proxy before the API server let WebSockets through; or pass --address.",
    },
  );
}
