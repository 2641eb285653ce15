import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A proxy to the API server that cuts connections. */
export type CuttingProxy = {
  readonly kubeconfig: string;
  /** @returns the number of connections cut so far */
  cuts(): number;
  close(): Promise<void>;
};

/**
 * Forwards a local port to the API server, and cuts connections after some bytes from the server, as a restarting load balancer
 * does. It cuts only a few, so that a program that retries succeeds.
 *
 * @param afterBytes bytes from the server after which a connection is cut
 * @param cuts number of connections to cut
 */
export async function cuttingProxy(kubeconfig: string, afterBytes: number, cuts: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cut = 0;
  const text = await readFile(kubeconfig, "utf8");
  const [, host = "", apiPort = ""] = /https:\/\/([0-9.]+):(\d+)/.exec(text) ?? [];
  const server = createServer((client) => {
    const upstream = connect(Number(apiPort), host);
    let received = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {}).on("close", () => open.delete(socket));
    }
    upstream.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received < afterBytes || cut >= cuts) return;
      cut += 1;
      client.resetAndDestroy();
      upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const dir = await mkdtemp(join(tmpdir(), "vault-hooks-proxy-"));
  const file = join(dir, "kubeconfig");
  await writeFile(file, text.replaceAll(/https:\/\/[0-9.]+:\d+/g, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return {
    kubeconfig: file,
    cuts: () => cut,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await rm(dir, { recursive: true });
    },
  };
}
