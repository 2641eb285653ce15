import { KubeConfig } from "@kubernetes/client-node";
import { Agent, request } from "undici";

/** The fields that all Kubernetes objects have in common. */
export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
};

type WatchEvent = { readonly type: string; readonly object: KubeObject };

/** Calls the Kubernetes API by path with the rights of one kubeconfig, independently of the program under test. */
export type Api = {
  /** @returns undefined for a 404 */
  find<T = KubeObject>(path: string): Promise<T | undefined>;
  /** @throws Error with the API server's message, also for a 404 */
  get<T = KubeObject>(path: string, headers?: Headers): Promise<T>;
  /** @returns the items of a list; none for a kind that does not exist (yet) */
  list<T = KubeObject>(path: string): Promise<T[]>;
  /** @returns a response that is not JSON, such as a pod's log; "" if there is none */
  text(path: string): Promise<string>;
  post<T = KubeObject>(path: string, body: unknown): Promise<T>;
  /** Sends a merge patch (RFC 7396). */
  patch<T = KubeObject>(path: string, body: unknown): Promise<T>;
  remove(path: string): Promise<void>;
  /** Calls `onEvent` for each event until the stream ends or the signal aborts. @throws Error with the status on a refusal */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  /** @returns the response, whatever its status. @throws Error if there is none in time */
  request(method: Method, path: string, options?: RequestOptions): Promise<Response>;
  close(): Promise<void>;
};

type Headers = Readonly<Record<string, string>>;
type RequestOptions = { readonly body?: unknown; readonly headers?: Headers; readonly timeoutMs?: number };
type Response = { readonly status: number; readonly text: string };
type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** @param kubeconfig a file that contains client certificates */
export function openApi(kubeconfig: string): Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (!cluster || !user) throw new Error(`${kubeconfig} has no current context`);
  const agent = new Agent({
    connect: { ca: decode(cluster.caData), cert: decode(user.certData), key: decode(user.keyData) },
    bodyTimeout: 0, // a watch is silent while nothing changes
    allowH2: false, // each watch needs its own connection, or they would block each other
  });

  async function send(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    const { body, headers = {}, timeoutMs } = options;
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const response = await request(`${cluster?.server}${path}`, {
      dispatcher: agent,
      method,
      headers: body === undefined ? headers : { "content-type": type, ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  async function must<T>(method: Method, path: string, body?: unknown, headers: Headers = {}): Promise<T> {
    const { status, text } = await send(method, path, { body, headers });
    if (status >= 400) throw new Error(`${method} ${path}: ${status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  async function find<T>(path: string): Promise<T | undefined> {
    const { status, text } = await send("GET", path);
    if (status === 404) return undefined;
    if (status >= 400) throw new Error(`GET ${path}: ${status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  return {
    find,
    get: (path, headers) => must("GET", path, undefined, headers),
    list: async <T>(path: string) => (await find<{ items: T[] }>(path))?.items ?? [],
    async text(path) {
      const { status, text } = await send("GET", path);
      return status === 200 ? text : "";
    },
    post: (path, body) => must("POST", path, body),
    patch: (path, body) => must("PATCH", path, body),
    async remove(path) {
      const { status, text } = await send("DELETE", path);
      if (status >= 400 && status !== 404) throw new Error(`DELETE ${path}: ${status}: ${text.slice(0, 500)}`);
    },
    async watch(path, onEvent, signal) {
      const response = await request(`${cluster.server}${path}`, { dispatcher: agent, signal });
      if (response.statusCode !== 200)
        throw new Error(`watch ${path}: ${response.statusCode}: ${await response.body.text()}`);
      await readLines(response.body, (line) => onEvent(JSON.parse(line) as WatchEvent));
    },
    request: send,
    close: () => agent.destroy(),
  };
}

async function readLines(body: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
  }
}

function decode(data: string | undefined): string {
  return Buffer.from(data ?? "", "base64").toString();
}
