import { isUnsealed, type MemberStatus, readStatus } from "../connect/member-status.ts";
import { AppError, ConfigError } from "../errors.ts";
import type { Pod } from "../kube/kube.ts";
import { createWake, type Wake } from "../util/wake.ts";
import { pollPause } from "./plan.ts";
import type { PodClients } from "./pod-clients.ts";

/** The last answer of one pod's Vault. Times are of performance.now(). */
export type Poll = {
  readonly uid: string;
  readonly status: MemberStatus | undefined;
  /** Why there is no status. */
  readonly silence: string | undefined;
  /** When it answered for the first time since it was last silent or unsealed; undefined while it is silent. */
  readonly answeringSince: number | undefined;
};

/** Asks every pod's Vault for its status again and again, each on its own: a pod that hangs delays no other. */
export type Polls = {
  /** Polls these pods, and no others any more. */
  update(pods: readonly Pod[]): void;
  /** Asks a pod at once, and closely from then on. */
  hurry(pod: string): void;
  /** @returns undefined before its first poll has ended */
  last(pod: string): Poll | undefined;
  /** Ends every poll. */
  close(): void;
};

type Polled = {
  readonly uid: string;
  readonly end: AbortController;
  readonly wake: Wake;
  changedAt: number;
  last?: Poll;
};

/**
 * @param onChange called after every poll whose result differs from the one before
 * @param onBug given an error that no poll expects
 */
export function openPolls(
  clients: PodClients,
  onChange: (pod: string, now: Poll, before: Poll | undefined) => void,
  onBug: (error: unknown) => void,
): Polls {
  const polled = new Map<string, Polled>();

  async function keepPolling(name: string, poll: Polled): Promise<void> {
    const { signal } = poll.end;
    while (!signal.aborted) {
      const next = await readOnce(clients, name, poll);
      if (signal.aborted) return;
      const before = poll.last;
      poll.last = next;
      if (differ(before, next)) {
        poll.changedAt = performance.now();
        onChange(name, next, before);
      }
      const pause = pollPause({ status: next.status, unchangedMs: performance.now() - poll.changedAt });
      await poll.wake.pause(pause, signal);
    }
  }

  return {
    update(pods) {
      const wanted = new Map(pods.filter(({ deleting }) => !deleting).map(({ name, uid }) => [name, uid]));
      for (const [name, { uid, end }] of polled) {
        if (wanted.get(name) === uid) continue;
        end.abort();
        polled.delete(name);
      }
      for (const [name, uid] of wanted) {
        if (polled.has(name)) continue;
        const poll = { uid, end: new AbortController(), wake: createWake(), changedAt: performance.now() };
        polled.set(name, poll);
        keepPolling(name, poll).catch(onBug);
      }
    },
    hurry(name) {
      const poll = polled.get(name);
      if (poll === undefined) return;
      poll.changedAt = performance.now();
      poll.wake.wake();
    },
    last: (name) => polled.get(name)?.last,
    close() {
      for (const { end } of polled.values()) end.abort();
      polled.clear();
    },
  };
}

async function readOnce(clients: PodClients, name: string, { uid, last }: Polled): Promise<Poll> {
  try {
    const status = await readStatus(await clients.connect(name, Number.POSITIVE_INFINITY));
    // a restart may be too fast for a poll to find it silent
    const wasSealed = isUnsealed(last?.status) && status.sealed;
    const answeringSince = wasSealed ? undefined : last?.answeringSince;
    return { uid, status, silence: undefined, answeringSince: answeringSince ?? performance.now() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // the certificate or the CA may have been renewed
    if (error instanceof ConfigError) clients.drop(name);
    return { uid, status: undefined, silence: error.message, answeringSince: undefined };
  }
}

function differ(before: Poll | undefined, now: Poll): boolean {
  return before === undefined || JSON.stringify(before) !== JSON.stringify(now);
}
