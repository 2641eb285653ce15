import {
  EVENT_ALIAS,
  EVENT_MAPPING,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  SCALAR_STYLE_DOUBLE_QUOTED,
  SCALAR_STYLE_PLAIN,
  SCALAR_STYLE_SINGLE_QUOTED,
  type ScalarEvent,
} from "js-yaml";

/** @returns whether the value was omitted, as after `key:` */
export function isOmitted({ valueStart, tagStart, anchorStart }: ScalarEvent): boolean {
  return valueStart < 0 && tagStart < 0 && anchorStart < 0;
}

/** @returns the offset at which an event's value, or its alias, starts; undefined where nothing is written */
export function startOf(text: string, event: Event | undefined): number | undefined {
  if (event?.type === EVENT_SCALAR) return startOfScalar(text, event);
  if (event?.type === EVENT_MAPPING || event?.type === EVENT_SEQUENCE) return event.start;
  return event?.type === EVENT_ALIAS ? event.anchorStart - 1 : undefined;
}

/** The event of a quoted string starts after the quote, that of a block string below its header. */
function startOfScalar(text: string, { valueStart, tagStart, style }: ScalarEvent): number | undefined {
  if (valueStart < 0) return tagStart < 0 ? undefined : tagStart;
  if (style === SCALAR_STYLE_PLAIN) return valueStart;
  if (style === SCALAR_STYLE_SINGLE_QUOTED || style === SCALAR_STYLE_DOUBLE_QUOTED) return valueStart - 1;
  const line = text.lastIndexOf("\n", valueStart - 2) + 1;
  const header = /[|>][-+0-9]*[ \t]*(#.*)?$/.exec(text.slice(line, valueStart).trimEnd());
  return line + (header?.index ?? 0);
}
