import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A free block of loopback addresses, `127.a.b.`: every server has an address of its own there, so that each can use
 * the ports that it has in a cluster, and several tests can run at once.
 *
 * @param port a port that must be free at the block's first address
 */
export async function freeBlock(port: number): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const part = () => 2 + Math.floor(Math.random() * 250);
    const block = `127.${part()}.${part()}.`;
    if (await isFree(`${block}10`, port)) return block;
  }
  throw new Error(`port ${port} is taken on every loopback address that was tried`);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
