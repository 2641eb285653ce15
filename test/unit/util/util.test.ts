import { afterEach, describe, expect, it, vi } from "vitest";
import { ConfigError, NotReadyError } from "../../../src/errors.ts";
import { deadlineIn, left, orAborted, renewedDeadline, until, within } from "../../../src/util/deadline.ts";
import { parseDuration } from "../../../src/util/duration.ts";
import { nearest } from "../../../src/util/nearest.ts";
import { vaultPath } from "../../../src/vault/path.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a deadline", () => {
  it.each([
    ["forward", 3_600_000],
    ["back", -3_600_000],
  ])("is not moved by a wall clock that jumps %s by an hour", (_, jump) => {
    const deadline = deadlineIn(60_000);
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + jump);

    expect(left(deadline)).toBeGreaterThan(59_000);
    expect(left(deadline)).toBeLessThanOrEqual(60_000);
  });

  it("takes the rest of another, with its fraction of a millisecond", () => {
    const deadline = deadlineIn(left({ at: performance.now() + 500.25, signal: AbortSignal.timeout(500) }));

    expect(deadline.signal.aborted).toBe(false);
  });

  it("that is renewed starts again each time it is read, and aborts when the run is stopped", () => {
    const stop = new AbortController();
    const deadline = renewedDeadline(60_000, stop.signal);
    const [first, signal] = [deadline.at, deadline.signal];
    stop.abort();

    expect(deadline.at).toBeGreaterThan(first);
    expect(signal.aborted).toBe(true);
  });
});

describe("until", () => {
  it("returns the first result of the probe that is not undefined", async () => {
    let calls = 0;

    const answer = await until("a number", deadlineIn(5000), async () => (++calls < 3 ? undefined : calls));

    expect(answer).toBe(3);
  });

  it("throws at the deadline, naming what it waited for and why", async () => {
    const wait = until(
      "pod vault-0",
      deadlineIn(30),
      async () => undefined,
      () => "ImagePullBackOff",
    );

    await expect(wait).rejects.toThrow("gave up waiting for pod vault-0: ImagePullBackOff");
  });

  it("reports a timeout, and not a stop, when the signal of an endless deadline times out", async () => {
    const endless = { at: Number.POSITIVE_INFINITY, signal: AbortSignal.timeout(20) };

    await expect(until("a Lease", endless, async () => undefined)).rejects.toThrow("gave up waiting for a Lease");
  });

  it("throws as soon as the deadline's signal is aborted", async () => {
    const stop = new AbortController();

    const wait = until("pod vault-0", deadlineIn(60_000, stop.signal), async () => {
      stop.abort();
      return undefined;
    });

    await expect(wait).rejects.toThrow(NotReadyError);
    await expect(wait).rejects.toThrow("stopped while waiting for pod vault-0");
  });

  it("throws the error of the probe", async () => {
    const wait = until("x", deadlineIn(1000), () => Promise.reject(new Error("broken")));

    await expect(wait).rejects.toThrow("broken");
  });
});

describe("within", () => {
  it("returns the result of a promise that is fast enough", async () => {
    expect(await within(60_000, Promise.resolve("done"))).toBe("done");
  });

  it("throws the error of a promise that is fast enough", async () => {
    await expect(within(60_000, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  it("returns undefined when the time is over, whatever the promise does later", async () => {
    const { promise, reject } = Promise.withResolvers<string>();

    expect(await within(10, promise)).toBeUndefined();
    reject(new Error("too late"));
  });

  it("leaves no timer behind", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();

    await within(60_000, Promise.resolve("done"));

    expect(timers()).toBe(before);
  });
});

describe("orAborted", () => {
  it("throws at once when the signal was aborted before", async () => {
    const endless = orAborted(AbortSignal.abort(new Error("stopped")), new Promise(() => undefined));

    await expect(endless).rejects.toThrow("stopped");
  });
});

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
    ["250ms", 250],
    ["1.5h", 5_400_000],
    ["500us", 0.5],
    ["500µs", 0.5],
    ["3000000ns", 3],
    ["+5s", 5000],
    [".5s", 500],
    ["5.s", 5000],
    ["3600", 3_600_000],
    ["0", 0],
  ])("parses %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "5 m",
    "soon",
    "-1s",
    "1y",
    "m5",
    "1h-30m",
    "1d12h",
    "1h1d",
    "1.5d",
    "--1s",
    "+-1s",
    ".s",
    "d",
    "9223372037",
    "2562048h",
  ])("returns undefined for %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("nearest", () => {
  it("finds the name that was meant, and none when nothing is near", () => {
    expect(nearest("bound_service_account_name", ["bound_service_account_names", "audience"])).toBe(
      "bound_service_account_names",
    );
    expect(nearest("confgure", ["configure", "init"])).toBe("configure");
    expect(nearest("zebra", ["configure", "init"])).toBeUndefined();
  });
});

describe("vaultPath", () => {
  it("encodes every segment and keeps the slashes between them", () => {
    expect(vaultPath("auth/demo mount", "role", "team=a&b%c")).toBe("auth/demo%20mount/role/team%3Da%26b%25c");
    expect(vaultPath("/kvv2/", "data", "webapp/config")).toBe("kvv2/data/webapp/config");
  });

  it.each(["..", ".", "a/../b"])("refuses %j, which a URL would resolve", (name) => {
    expect(() => vaultPath("sys/policies/acl", name)).toThrow(ConfigError);
  });
});
