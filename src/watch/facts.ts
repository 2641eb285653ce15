import type { KeyCustody, KeysFound } from "../custody/custody.ts";
import { type InitRecord, readRecord } from "../custody/record.ts";
import { AppError, ConfigError, NotReadyError } from "../errors.ts";
import type { Kube, StatefulSet } from "../kube/kube.ts";
import type { Settings } from "../settings.ts";
import { createWake } from "../util/wake.ts";
import type { KeysSeen } from "./observer.ts";

/** What changes rarely, and is read slowly. */
export type Facts = {
  /** Undefined if it does not exist. */
  readonly statefulSet: StatefulSet | undefined;
  readonly keys: KeysSeen;
  /** Differs whenever the keys do: their fingerprint, or why there is none. */
  readonly keysId: string;
  readonly record: InitRecord | undefined;
  /** Why the record could not be read, although Kubernetes answers. */
  readonly recordError: AppError | undefined;
};

/** How often they are read, in milliseconds: while all is well, and while something is wrong. */
const everyMs = { calm: 10_000, busy: 3000 };

export type FactsReader = {
  /** Reads them again and again until the signal aborts. @throws ConfigError if no retry can help */
  follow(end: AbortSignal): Promise<void>;
  /** As last read; undefined before the first time. */
  current(): Facts | undefined;
  /** Why they could not be read again. */
  error(): AppError | undefined;
  /** Reads them soon. */
  refresh(): void;
};

type Source = { readonly kube: Kube; readonly custody: KeyCustody; readonly settings: Settings };
type Events = {
  /** Called after each attempt. */
  readonly onRead: () => void;
  /** Whether something is wrong, so that they are read more often. */
  readonly busy: () => boolean;
};

/** Reads nothing yet. */
export function openFacts(source: Source, { onRead, busy }: Events): FactsReader {
  const wake = createWake();
  let facts: Facts | undefined;
  let failure: AppError | undefined;

  async function read(): Promise<void> {
    try {
      facts = await readFacts(source);
      failure = undefined;
    } catch (error) {
      if (!(error instanceof AppError) || error instanceof ConfigError) throw error;
      failure = error;
    }
    onRead();
  }
  return {
    async follow(end) {
      while (!end.aborted) {
        await read();
        await wake.pause(failure !== undefined || busy() ? everyMs.busy : everyMs.calm, end);
      }
    },
    current: () => facts,
    error: () => failure,
    refresh: wake.wake,
  };
}

/**
 * Reads the StatefulSet, the record of init, and whether custody has the keys. Keeps no key.
 * @throws NotReadyError if Kubernetes does not answer; DeniedError if it denies the StatefulSet
 */
async function readFacts({ kube, custody, settings }: Source): Promise<Facts> {
  const { namespace, statefulset, custodyNamespace } = settings;
  const [statefulSet, keys, record] = await Promise.all([
    kube.statefulSet(namespace, statefulset),
    custody.findKeys(),
    readRecord(kube, custodyNamespace).catch(unlessNotReady),
  ]);
  const recordError = record instanceof AppError ? record : undefined;
  return { statefulSet, ...seen(keys), record: record instanceof AppError ? undefined : record, recordError };
}

function seen(keys: KeysFound): Pick<Facts, "keys" | "keysId"> {
  if (keys.kind === "keys") return { keys: { kind: "present" }, keysId: keys.keys.fingerprint };
  if (keys.kind === "none") return { keys: { kind: "missing" }, keysId: "missing" };
  // the record could be read, so this is not an outage of Kubernetes
  return { keys: { kind: "unreadable", error: keys.error }, keysId: keys.error.message };
}

/** A record that is malformed or denied must not hide everything else. */
function unlessNotReady(error: unknown): AppError {
  if (error instanceof AppError && !(error instanceof NotReadyError)) return error;
  throw error;
}
