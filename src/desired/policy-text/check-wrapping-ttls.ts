import { parseNanoseconds } from "../../util/duration.ts";
import type { Any } from "./decode/any.ts";
import type { Mistake } from "./mistake.ts";
import type { Rules } from "./rules.ts";

/** Reports durations that Vault cannot read, and a maximum below the minimum. */
export function checkWrappingTtls({ min_wrapping_ttl: min, max_wrapping_ttl: max }: Partial<Rules>): Mistake[] {
  const mistakes = [...checkDuration(min), ...checkDuration(max)];
  if (min === undefined || max === undefined || mistakes.length > 0) return mistakes;
  const [least = 0n, most = 0n] = [nanosecondsIn(min), nanosecondsIn(max)];
  if (least === 0n || most === 0n || most >= least) return [];
  const found = "max_wrapping_ttl below min_wrapping_ttl";
  return [{ offset: max.offset, found, expected: "at least min_wrapping_ttl" }];
}

export function checkDuration(any: Any | undefined): Mistake[] {
  if (any === undefined || nanosecondsIn(any) !== undefined) return [];
  const { value, offset } = any;
  const found = typeof value === "string" ? `"${value}"` : typeof value === "object" ? `a list or block` : `${value}`;
  return [{ offset, found, expected: "a duration like 90s or 24h" }];
}

const second = 1_000_000_000n;

/** A number is seconds, whose fraction Vault drops; an empty string is none. */
function nanosecondsIn({ value }: Any): bigint | undefined {
  if (typeof value === "string") return value === "" ? 0n : parseNanoseconds(value);
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  const nanoseconds = BigInt(typeof value === "number" ? Math.trunc(value) : value) * second;
  return BigInt.asIntN(64, nanoseconds) === nanoseconds ? nanoseconds : undefined;
}
