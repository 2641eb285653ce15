import { StringDecoder } from "node:string_decoder";
import type * as Client from "@kubernetes/client-node";
import { type Dispatcher, request } from "undici";
import { renewedSecret } from "../redact.ts";

/** Opens a response without an end, and yields its lines. @throws as a call does: an error status, or no connection */
export type LineStream = (path: string, signal: AbortSignal) => AsyncGenerator<string>;

/** In milliseconds: a watch answers at once, and then sends nothing until something changes. */
const headersTimeout = 10_000;

type Contexts = Pick<typeof Client, "RequestContext" | "HttpMethod">;

/** Streams lines from the API server. Keeps one connection pool, until a request fails. */
export function lineStreams({ RequestContext, HttpMethod }: Contexts, config: Client.KubeConfig): LineStream {
  const server = config.getCurrentCluster()?.server ?? "";
  let pool: Dispatcher | undefined;

  /** The token may have been renewed since the last request. */
  async function headersFor(url: string): Promise<Record<string, string>> {
    const context = new RequestContext(url, HttpMethod.GET);
    await config.applySecurityAuthentication(context);
    const headers = context.getHeaders();
    if (headers["Authorization"] !== undefined) renewedSecret(headers["Authorization"].replace(/^\S+ /, ""));
    const own = context.getDispatcher();
    if (pool === undefined) pool = own;
    else await own?.close();
    return headers;
  }

  return async function* lines(path, signal) {
    const url = `${server}${path}`;
    const headers = await headersFor(url);
    const options = { headers, signal, headersTimeout, bodyTimeout: 0 };
    try {
      const { statusCode, body } = await request(url, pool === undefined ? options : { ...options, dispatcher: pool });
      if (statusCode !== 200)
        throw Object.assign(new Error("error answer"), { code: statusCode, body: await body.text() });
      yield* linesOf(body);
    } catch (error) {
      const failed = pool;
      pool = undefined;
      await failed?.destroy();
      throw error;
    }
  };
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.write(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
