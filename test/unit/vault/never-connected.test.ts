import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { deadlineIn } from "../../../src/util/deadline.ts";
import { connectVault } from "../../../src/vault/client.ts";
import { wasNeverConnected } from "../../../src/vault/never-connected.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** @returns the origin of a TCP server that does this with each connection */
async function listen(act: (socket: Socket) => void): Promise<string> {
  const server = createServer(act);
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function failureAt(origin: string, ms = 5000): Promise<unknown> {
  const vault = connectVault({ name: "vault-0", origin }, { deadline: deadlineIn(ms) });
  try {
    return await vault.write("sys/init", {}, { once: true }).catch((error: unknown) => error);
  } finally {
    await vault.close();
  }
}

it("a request was never sent when nobody listens, or the host has no address", async () => {
  const origin = await listen(() => undefined);
  servers.pop()?.close();

  expect(wasNeverConnected(await failureAt(origin))).toBe(true);
  expect(wasNeverConnected(await failureAt(origin.replace("127.0.0.1", "localhost")))).toBe(true);
  expect(wasNeverConnected(await failureAt("http://vault-0.invalid:8200"))).toBe(true);
});

it("a request was never sent when TLS does not accept the server", () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });

  expect(wasNeverConnected(new Error("no answer", { cause }))).toBe(true);
});

it.each<[string, (socket: Socket) => void]>([
  ["closed at once", (socket) => socket.destroy()],
  ["closed after the request", (socket) => socket.once("data", () => socket.destroy())],
  ["reset after the request", (socket) => socket.once("data", () => socket.resetAndDestroy())],
  ["answered by something else", (socket) => socket.once("data", () => socket.end("220 hello\r\n"))],
  [
    "answered with 502",
    (socket) => socket.once("data", () => socket.end("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n")),
  ],
])("a request may have been sent when the connection was %s", async (_, act) => {
  expect(wasNeverConnected(await failureAt(await listen(act)))).toBe(false);
});

it("a request may have been sent when it was not answered in time", async () => {
  const origin = await listen((socket) => socket.on("error", () => undefined));

  expect(wasNeverConnected(await failureAt(origin, 300))).toBe(false);
});

it("a request may have been sent when a connection that was made reports that the host is unreachable", () => {
  const cause = Object.assign(new Error("read EHOSTUNREACH"), { code: "EHOSTUNREACH", syscall: "read" });

  expect(wasNeverConnected(new Error("no answer", { cause }))).toBe(false);
  expect(wasNeverConnected(new AggregateError([cause], "x"))).toBe(false);
  expect(wasNeverConnected(new AggregateError([], "x"))).toBe(false);
});
