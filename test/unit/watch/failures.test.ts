import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NotReadyError, RefusedError } from "../../../src/errors.ts";
import { type Failures, openFailures } from "../../../src/watch/failures.ts";

let now: number;
let failures: Failures;

beforeEach(() => {
  now = 1000;
  failures = openFailures(() => now);
});

afterEach(() => {
  vi.useRealTimers();
});

const notReady = new NotReadyError("vault-0 does not answer");
const refused = new RefusedError("the keys do not unseal vault-0");

/** Notes failures one after another, and returns the backoff after each, in milliseconds. */
function backoffs(error: NotReadyError | RefusedError, count: number): number[] {
  return Array.from({ length: count }, () => {
    failures.note("vault-0", "same", error);
    const from = now;
    while (failures.isBackingOff("vault-0", "same")) now += 1000;
    return now - from;
  });
}

describe("a failed repair", () => {
  it("has a longer backoff after each failure, up to half a minute", () => {
    expect(backoffs(notReady, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it("has a backoff of up to five minutes when it was refused, so that wrong keys are not sent in a loop", () => {
    expect(backoffs(refused, 7)).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it("is tried at once in another situation, and then has a short backoff again", () => {
    backoffs(notReady, 5);
    expect(failures.isBackingOff("vault-0", "restarted")).toBe(false);

    failures.note("vault-0", "restarted", notReady);
    now += 1000;

    expect(failures.isBackingOff("vault-0", "restarted")).toBe(false);
  });

  it("holds up no other member", () => {
    failures.note("vault-0", "same", notReady);

    expect(failures.isBackingOff("vault-1", "same")).toBe(false);
    expect(failures.isBackingOff(undefined, "same")).toBe(false);
  });

  it("stands since its first failure, also when the situation and the error have changed", () => {
    vi.useFakeTimers({ now: 5000 });
    failures.note("vault-0", "same", notReady);
    vi.setSystemTime(9000);
    failures.note("vault-0", "restarted", refused);

    expect(failures.newest()).toEqual({ pod: "vault-0", error: refused, since: new Date(5000) });
  });

  it("is the newest one, and the one before it once it is cleared", () => {
    failures.note("vault-0", "same", notReady);
    failures.note(undefined, "same", refused);
    failures.note("vault-0", "same", notReady);

    expect(failures.newest()?.pod).toBe("vault-0");
    failures.clear("vault-0");
    expect(failures.newest()?.error).toBe(refused);
    failures.clear(undefined);
    expect(failures.newest()).toBeUndefined();
  });

  it("is forgotten when its member needs no repair any more", () => {
    failures.note("vault-0", "same", notReady);
    failures.note("vault-1", "same", notReady);
    failures.keepOnly(["vault-1"]);

    expect(failures.newest()?.pod).toBe("vault-1");
    expect(failures.isBackingOff("vault-0", "same")).toBe(false);
  });
});
