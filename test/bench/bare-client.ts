import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import { mapParallel } from "../../src/util/parallel.ts";
import type { Sent } from "./load.ts";

/** A client of one Vault that only keeps connections alive. */
export type BareClient = {
  /** Sends all requests, `concurrency` at a time, and reads the responses. @returns the duration in milliseconds */
  send(requests: readonly Sent[], concurrency: number): Promise<number>;
  /** @returns the text of the response */
  one(request: Sent): Promise<string>;
};

export function bareClient(origin: string, token: string): BareClient {
  const headers = { "X-Vault-Token": token };
  const dispatcher = new Agent({ connections: 256 });
  async function one({ method, path, body }: Sent): Promise<string> {
    for (;;) {
      const answer = await request(`${origin}/v1/${path}`, {
        dispatcher,
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      // a KV mount that was just created is not ready
      if (answer.statusCode === 400 && text.includes("pgrading")) continue;
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      return text;
    }
  }
  return {
    async send(requests, concurrency) {
      const started = performance.now();
      await mapParallel(requests, concurrency, async (each) => void (await one(each)));
      return performance.now() - started;
    },
    one,
  };
}

/** The input of this file when it runs as a program. It prints the duration in milliseconds. */
export type Sending = { readonly origin: string; readonly requests: readonly Sent[]; readonly concurrency: number };

if (import.meta.main) void sendAll();

async function sendAll(): Promise<void> {
  const [file = ""] = process.argv.slice(2);
  const { origin, requests, concurrency } = JSON.parse(await readFile(file, "utf8")) as Sending;
  const ms = await bareClient(origin, process.env["VAULT_TOKEN"] ?? "").send(requests, concurrency);
  // its connections would keep the process alive
  process.stdout.write(String(ms), () => process.exit());
}
