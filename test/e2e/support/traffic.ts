import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "./api.ts";

/** A client that writes and reads all the time. */
export type Traffic = {
  /** Ends the client. @returns what it did */
  stop(): Promise<Done>;
};

type Kind = "write" | "read";

export type Done = {
  /** The numbers that Vault acknowledged, in order. */
  readonly acknowledged: readonly number[];
  /** The numbers that Vault still has. */
  readonly stored: ReadonlySet<number>;
  /** Numbers that Vault had acknowledged, and that a later read did not return. */
  readonly misread: readonly number[];
  /** The longest time between two successes that overlaps with a period, in milliseconds. */
  longestGap(kind: Kind, from: number, to: number): number;
  /** How many requests failed. */
  readonly failed: Readonly<Record<Kind, number>>;
};

const pauseMs = 20;
/** A client must not wait for a member that is gone. */
const timeoutMs = 2000;
const folder = "kvv2/data/e2e/traffic";

/**
 * Starts to write entries with a running number, and to read back the newest that Vault acknowledged. Both go through the
 * Service vault-active, as a workload's requests do; the API server forwards them, so that this works outside the cluster too.
 */
export function startTraffic(api: Api, token: string): Traffic {
  const service = "/api/v1/namespaces/vault/services/http:vault-active:8200/proxy/v1";
  const headers = { "x-vault-token": token };
  const ended = new AbortController();
  const acknowledged: number[] = [];
  const misread: number[] = [];
  const successes: Record<Kind, number[]> = { write: [], read: [] };
  const failed: Record<Kind, number> = { write: 0, read: 0 };

  async function ask(method: "POST" | "GET", path: string, body?: unknown): Promise<string | undefined> {
    try {
      const { status, text } = await api.request(method, `${service}/${path}`, { headers, timeoutMs, body });
      return status === 200 || status === 204 ? text : undefined;
    } catch {
      return undefined; // no answer in time
    }
  }

  async function repeat(kind: Kind, act: () => Promise<boolean>): Promise<void> {
    while (!ended.signal.aborted) {
      if (await act()) successes[kind].push(Date.now());
      else failed[kind]++;
      await delay(pauseMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  let next = 1;
  async function write(): Promise<boolean> {
    const n = next++;
    const answer = await ask("POST", `${folder}/${n}`, { data: { n } });
    if (answer !== undefined) acknowledged.push(n);
    return answer !== undefined;
  }

  async function read(): Promise<boolean> {
    const n = acknowledged.at(-1);
    if (n === undefined) return true;
    const { status, text } = await api
      .request("GET", `${service}/${folder}/${n}`, { headers, timeoutMs })
      .catch(() => ({ status: 0, text: "" }));
    const isRead = status === 200 && (JSON.parse(text) as { data: { data: { n: number } } }).data.data.n === n;
    if (status === 404 || (status === 200 && !isRead)) misread.push(n);
    return isRead;
  }

  const running = [repeat("write", write), repeat("read", read)];
  return {
    async stop() {
      ended.abort();
      await Promise.all(running);
      const listed = await ask("GET", `${folder.replace("/data/", "/metadata/")}?list=true`);
      const { data } = JSON.parse(listed ?? "{}") as { data?: { keys: string[] } };
      return {
        acknowledged,
        stored: new Set((data?.keys ?? []).map(Number)),
        misread,
        failed,
        longestGap: (kind, from, to) => longestGap(successes[kind], from, to),
      };
    },
  };
}

/** The longest time between two successes of which at least a part is between `from` and `to`. */
export function longestGap(successes: readonly number[], from: number, to: number): number {
  const pairs = successes.slice(1).map((end, i) => ({ start: successes[i] ?? end, end }));
  const overlapping = pairs.filter(({ start, end }) => end > from && start < to);
  return Math.max(0, ...overlapping.map(({ start, end }) => end - start));
}
