import { parseTime } from "../../util/time.ts";
import type { Mistake } from "./mistake.ts";
import type { Rules } from "./rules.ts";

/** @see https://openbao.org/docs/concepts/policies/ */
export function checkExpiration({ expiration }: Partial<Rules>): Mistake[] {
  if (expiration === undefined || expiration.value === "") return [];
  const { value, offset } = expiration;
  const found = `"${value}"`;
  if (timeOf(value) === undefined) return [{ offset, found, expected: "a time like 2030-01-31T12:00:00Z" }];
  if (!isPast(value)) return [];
  return [{ offset, found, expected: "a time to come, since OpenBao ignores the path", isWarning: true }];
}

export function hasExpired({ expiration }: Partial<Rules>): boolean {
  return expiration !== undefined && isPast(expiration.value);
}

function isPast(expiration: string): boolean {
  const time = timeOf(expiration);
  return time !== undefined && time < Date.now();
}

/** @returns milliseconds since 1970, or undefined if OpenBao cannot read the time */
function timeOf(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number(text) * 1000;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d?:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  return isTime ? parseTime(text.replace(",", ".").replace(/T(?=\d:)/, "T0")) : undefined;
}
