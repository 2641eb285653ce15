import type { CoreV1Event } from "@kubernetes/client-node";
import type { Application } from "./argo.ts";
import type { Recorder, Seen } from "./recorder.ts";
import type { Milestone } from "./timeline.ts";

const longMs = 20_000; // between two milestones; 2 to 17 s are usual

/**
 * Explains the milestones that took long: lists each Warning, and each new status of an Application, in that time.
 *
 * @param from when root.yaml was applied, in milliseconds since 1970
 * @returns "" when no milestone took long
 */
export function explainDelays({ seen }: Pick<Recorder, "seen">, from: number, all: readonly Milestone[]): string {
  const starts = [from, ...all.map(({ moment }) => moment.at)];
  return all
    .flatMap(({ what, moment }, i) => {
      const start = starts[i] ?? from;
      if (moment.at - start < longMs) return [];
      const messages = newMessages(seen.filter(({ at }) => at >= start && at <= moment.at));
      const lines = messages.map(({ at, message }) => `  ${((at - from) / 1000).toFixed(1).padStart(6)} s  ${message}`);
      return [`While waiting for: ${what}`, ...lines];
    })
    .join("\n");
}

/** @returns each message that differs from the last one of the same object */
function newMessages(seen: readonly Seen[]): { at: number; message: string }[] {
  const last = new Map<string, string>();
  return seen.flatMap((event) => {
    const message = messageOf(event);
    const key = `${event.kind}/${event.object.metadata.namespace}/${event.object.metadata.name}`;
    if (message === undefined || last.get(key) === message) return [];
    last.set(key, message);
    return [{ at: event.at, message }];
  });
}

function messageOf({ kind, object }: Seen): string | undefined {
  if (kind === "Application") return applicationMessage(object as Application);
  if (kind !== "Event") return undefined;
  const { type, reason, message, involvedObject } = object as unknown as CoreV1Event;
  if (type !== "Warning") return undefined;
  return `${involvedObject.kind} ${involvedObject.namespace}/${involvedObject.name}: ${reason}: ${message}`;
}

function applicationMessage({ metadata, status }: Application): string {
  const { sync, health, operationState, conditions = [] } = status ?? {};
  const parts = [
    `${sync?.status ?? "?"}, ${health?.status ?? "?"}`,
    ...(operationState ? [`${operationState.phase}: ${operationState.message ?? ""}`] : []),
    ...conditions.map(({ type, message }) => `${type}: ${message}`),
  ];
  return `Application ${metadata.name}: ${parts.join("; ")}`;
}
