import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Returns the prefix of a free block of loopback addresses, `127.a.b.`. Each server gets its own address there: it
 * can use the same ports as in a cluster, and tests can run in parallel.
 *
 * @param port must be free on the block's first address
 * @throws Error when 50 blocks in a row are taken
 */
export async function freeBlock(port: number): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const octet = () => 2 + Math.floor(Math.random() * 250);
    const block = `127.${octet()}.${octet()}.`;
    if (await isFree(`${block}10`, port)) return block;
  }
  throw new Error(
    `port ${port} is taken on all of 50 random loopback addresses: stop servers left over from earlier tests`,
  );
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
