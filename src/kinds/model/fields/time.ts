import { parseTime } from "../../../util/time.ts";
import { type FieldType, fieldOf, wrong } from "./field.ts";
import { plainText } from "./string.ts";

const pattern = "^(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2}))?$";

/** A point in time in RFC 3339, in any time zone. The empty string is no time, which requests carry as null. */
export const time = fieldOf(
  (): FieldType => ({
    name: "time",
    shape: "string",
    check: (value) => (isTime(value) ? { value } : wrong('a time like 2030-12-31T23:59:59Z, or "" for none')),
    normalise: (value) => inUtc(plainText(value)),
    schema: { type: "string", pattern },
    toRequest: (value) => (value === "" ? null : value),
  }),
);

function isTime(value: unknown): boolean {
  if (typeof value !== "string" || !new RegExp(pattern).test(value)) return false;
  return value === "" || parseTime(value) !== undefined;
}

function inUtc(text: string): string {
  const ms = parseTime(text);
  return ms === undefined ? text : new Date(ms).toISOString();
}
