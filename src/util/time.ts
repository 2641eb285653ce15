/**
 * Parses a time in RFC 3339, such as 2030-12-31T23:59:59Z. `Date.parse` alone takes 31 February for 3 March and accepts the hour
 * 24; the servers refuse both.
 *
 * @returns milliseconds since 1970; undefined if the text is no time, or a day or hour that does not exist
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function parseTime(text: string): number | undefined {
  const time = Date.parse(text);
  const withoutZone = Date.parse(text.replace(/[+-]\d\d:\d\d$/, "Z"));
  if (Number.isNaN(time) || Number.isNaN(withoutZone)) return undefined;
  return untilSecond(new Date(withoutZone).toISOString()) === untilSecond(text) ? time : undefined;
}

/** "2030-12-31T23:59:59" */
function untilSecond(text: string): string {
  return text.slice(0, 19);
}
