import { isDeepStrictEqual } from "node:util";
import { parseDuration } from "../../util/duration.ts";
import { hasValue, SecretReference } from "../model/secret-reference.ts";
import type { Values } from "../model/values.ts";

/**
 * Whether both values mean the same: "5" is 5, 24h is 86400, "a,b" is [a, b]. Only declared keys of a map count. A value from a Secret that
 * was not read counts as any value that Vault has in its place.
 */
export function isSame(desired: unknown, live: unknown): boolean {
  if (desired instanceof SecretReference) return hasValue(live);
  if (isDeepStrictEqual(desired, live)) return true;
  if (Array.isArray(desired)) return sameList(desired, typeof live === "string" ? live.split(",") : live);
  if (typeof desired === "object" && desired !== null) return sameMap(desired as Values, live);
  if (typeof desired === "string" && Array.isArray(live)) return sameList(desired.split(","), live);
  return sameScalar(desired, live);
}

function sameList(desired: readonly unknown[], live: unknown): boolean {
  if (live === null || live === undefined) return desired.length === 0;
  return Array.isArray(live) && live.length === desired.length && desired.every((each, i) => isSame(each, live[i]));
}

function sameMap(desired: Values, live: unknown): boolean {
  const map = (live ?? {}) as Values;
  return typeof map === "object" && Object.keys(desired).every((key) => isSame(desired[key], map[key]));
}

function sameScalar(desired: unknown, live: unknown): boolean {
  if (typeof live === "object" && live !== null) return false;
  const [one, other] = [plain(desired), plain(live)];
  if (one === other) return true;
  // strings of digits may be names: 05 is not 5
  if (typeof live !== "number" && /^\d*$/.test(one) && /^\d*$/.test(other)) return false;
  const ms = parseDuration(one);
  return ms !== undefined && ms === (typeof live === "number" ? live * 1000 : parseDuration(other));
}

function plain(value: unknown): string {
  return value === undefined || value === null ? "" : String(value).trim();
}

/** Whether the live list has all declared elements, in any order. */
export function hasAll(desired: unknown, live: unknown): boolean {
  const present = elements(live);
  return elements(desired).every((each) => present.some((one) => isSame(each, one)));
}

function elements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof SecretReference) return [value];
  return plain(value) === "" ? [] : plain(value).split(",");
}
