import type { CoreV1Event } from "@kubernetes/client-node";
import type { Application } from "./argo.ts";
import type { Recorder, Seen } from "./recorder.ts";
import type { Milestone } from "./timeline.ts";

const long = 20_000; // milliseconds between two milestones; from 2 to 17 s were usual

/**
 * What the cluster said while a milestone was long in coming, for whoever asks why: each Warning, and each new word of Argo CD
 * about an Application. Empty when none was.
 *
 * @param from when root.yaml was applied, in milliseconds since 1970
 */
export function delaysTold({ seen }: Pick<Recorder, "seen">, from: number, all: readonly Milestone[]): string {
  const starts = [from, ...all.map(({ moment }) => moment.at)];
  return all
    .flatMap(({ what, moment }, i) => {
      const start = starts[i] ?? from;
      if (moment.at - start < long) return [];
      const said = newWords(seen.filter(({ at }) => at >= start && at <= moment.at));
      const lines = said.map(({ at, words }) => `  ${((at - from) / 1000).toFixed(1).padStart(6)} s  ${words}`);
      return [`While this was waited for: ${what}`, ...lines];
    })
    .join("\n");
}

/** What was said, each only when it differs from what the same object said last. */
function newWords(seen: readonly Seen[]): { at: number; words: string }[] {
  const last = new Map<string, string>();
  return seen.flatMap((event) => {
    const words = wordsOf(event);
    const who = `${event.kind}/${event.object.metadata.namespace}/${event.object.metadata.name}`;
    if (words === undefined || last.get(who) === words) return [];
    last.set(who, words);
    return [{ at: event.at, words }];
  });
}

function wordsOf({ kind, object }: Seen): string | undefined {
  if (kind === "Application") return applicationWords(object as Application);
  if (kind !== "Event") return undefined;
  const { type, reason, message, involvedObject } = object as unknown as CoreV1Event;
  if (type !== "Warning") return undefined;
  return `${involvedObject.kind} ${involvedObject.namespace}/${involvedObject.name}: ${reason}: ${message}`;
}

function applicationWords({ metadata, status }: Application): string {
  const { sync, health, operationState, conditions = [] } = status ?? {};
  const said = [
    `${sync?.status ?? "?"}, ${health?.status ?? "?"}`,
    ...(operationState ? [`${operationState.phase}: ${operationState.message ?? ""}`] : []),
    ...conditions.map(({ type, message }) => `${type}: ${message}`),
  ];
  return `Application ${metadata.name}: ${said.join("; ")}`;
}
