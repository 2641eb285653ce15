import { EVENT_DOCUMENT, EVENT_POP, EVENT_SCALAR, type Event, parseEvents, YAMLException } from "js-yaml";
import type { Origin } from "../../kinds/model/kind.ts";
import { originsIn } from "../origin.ts";
import { type Problem, problem } from "../problem.ts";
import { isOmitted, startOf } from "./event-position.ts";
import { readTree } from "./read-tree.ts";
import { explainSyntaxError } from "./syntax-error.ts";
import type { Tree } from "./tree.ts";

/**
 * Parses one YAML file: a single document in YAML 1.2, without tags other than those of its core schema, without
 * duplicate keys.
 *
 * @param problems receives the mistakes
 * @returns undefined if the file is empty, or if it is not YAML
 */
export function parseYaml(file: string, text: string, problems: Problem[]): Tree | undefined {
  const originOf = originsIn(file, text);
  const events = eventsIn(text, originOf, problems);
  checkSingleDocument(events, text, originOf, problems);
  const [document, first] = events;
  if (document?.type !== EVENT_DOCUMENT || first === undefined || isEmpty(first)) return undefined;
  if (document.directives.some(({ kind }) => kind === "tag")) {
    problems.push(problem(originOf(0), [], "a %TAG directive", "no tags"));
    return undefined;
  }
  return readTree({ text, events, originOf, problems });
}

type OriginOf = (offset: number) => Origin;

function eventsIn(text: string, originOf: OriginOf, problems: Problem[]): Event[] {
  try {
    return parseEvents(text, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    problems.push(problem(originOf(error.mark?.position ?? 0), [], explainSyntaxError(error), "valid YAML"));
    return [];
  }
}

function isEmpty(event: Event): boolean {
  return event.type === EVENT_POP || (event.type === EVENT_SCALAR && isOmitted(event));
}

function checkSingleDocument(events: readonly Event[], text: string, originOf: OriginOf, problems: Problem[]): void {
  const second = events.findIndex(({ type }, i) => type === EVENT_DOCUMENT && i > 0);
  if (second === -1) return;
  const at = startOf(text, events[second + 1]) ?? text.length;
  problems.push(problem(originOf(at), [], "several documents in one file", "one document"));
}
