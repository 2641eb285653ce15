import { durationPattern, parseDuration } from "../../../util/duration.ts";
import { type FieldType, fieldOf, wrong } from "./field.ts";

type Options = {
  /** Vault keeps fractions of a second. */
  readonly fraction?: boolean;
};

/** Seconds, or a string such as 24h. */
export const duration = fieldOf(
  ({ fraction = false }: Options): FieldType => ({
    name: "duration",
    shape: "duration",
    check: (value) => (isDuration(value) ? { value } : wrong("a duration like 90s, 24h or 1h30m, or seconds")),
    normalise: (value) => seconds(value, fraction),
    schema: { type: ["string", "integer"], minimum: 0, pattern: durationPattern },
  }),
);

function isDuration(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0;
  return typeof value === "string" && parseDuration(value) !== undefined;
}

function seconds(value: unknown, fraction: boolean): number | string {
  if (value === undefined || value === null || value === "") return 0;
  if (typeof value === "number") return value;
  const ms = parseDuration(String(value));
  if (ms === undefined) return String(value);
  // Vault drops fractions of a second
  return fraction ? ms / 1000 : Math.trunc(ms / 1000);
}
