import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A way to the API server that can be cut. */
export type CuttableWay = {
  readonly kubeconfig: string;
  /** How many connections were cut so far. */
  cuts(): number;
  close(): Promise<void>;
};

/**
 * Forwards a local port to the API server and cuts every connection that has carried this much from the server, as a
 * load balancer that restarts does; the first few only, so that a program that tries again comes through.
 *
 * @param afterBytes what a connection may carry
 * @param cuts how many are cut in all
 */
export async function cuttableWay(kubeconfig: string, afterBytes: number, cuts: number): Promise<CuttableWay> {
  const open = new Set<Socket>();
  let done = 0;
  const text = await readFile(kubeconfig, "utf8");
  const [, host = "", apiPort = ""] = /https:\/\/([0-9.]+):(\d+)/.exec(text) ?? [];
  const server = createServer((client) => {
    const upstream = connect(Number(apiPort), host);
    let carried = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {}).on("close", () => open.delete(socket));
    }
    upstream.on("data", (chunk: Buffer) => {
      carried += chunk.length;
      if (carried < afterBytes || done >= cuts) return;
      done += 1;
      client.resetAndDestroy();
      upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const dir = await mkdtemp(join(tmpdir(), "vault-hooks-way-"));
  const file = join(dir, "kubeconfig");
  await writeFile(file, text.replaceAll(/https:\/\/[0-9.]+:\d+/g, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return {
    kubeconfig: file,
    cuts: () => done,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await rm(dir, { recursive: true });
    },
  };
}
