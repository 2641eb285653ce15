import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Hold, serialQueue } from "../../../src/util/serial-queue.ts";

/** A lock that logs when it is taken and released. */
function recorded(log: string[], lost?: AbortSignal): Hold {
  return async (act) => {
    log.push("hold");
    await act(lost);
    await delay(1);
    log.push("release");
  };
}

describe("serialQueue", () => {
  it("runs acts one at a time and takes the lock once, also for acts queued one after another", async () => {
    const log: string[] = [];
    const run = serialQueue(recorded(log));
    const act = (name: string) =>
      run(async () => {
        log.push(`${name} begins`);
        await delay(1);
        log.push(`${name} ends`);
      });

    await Promise.all([act("a"), act("b")]);
    await act("c");

    expect(log).toEqual(["hold", "a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    await delay(5);
    expect(log.at(-1)).toBe("release");
  });

  it("takes the lock again for an act that is queued while it is released", async () => {
    const log: string[] = [];
    const run = serialQueue(recorded(log));
    await run(async () => undefined);
    await delay(0);

    await run(async () => void log.push("late"));
    await delay(5);

    expect(log).toEqual(["hold", "release", "hold", "late", "release"]);
  });

  it("runs the next act after one that fails", async () => {
    const run = serialQueue(recorded([]));
    const failed = run(() => Promise.reject(new Error("no")));
    const done = run(async () => undefined);

    await expect(failed).rejects.toThrow("no");
    await expect(done).resolves.toBeUndefined();
  });

  it("rejects every queued act when the lock cannot be taken", async () => {
    const run = serialQueue(() => Promise.reject(new Error("held by another")));
    const both = [run(async () => undefined), run(async () => undefined)];

    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("rejects the running act and starts no further one when the lock is lost", async () => {
    const lost = new AbortController();
    const started: string[] = [];
    const run = serialQueue((act) => act(lost.signal));
    const first = run(async () => {
      started.push("first");
      lost.abort(new Error("lost"));
    });
    const second = run(async () => void started.push("second"));

    await expect(first).rejects.toThrow("lost");
    await expect(second).rejects.toThrow("lost");
    expect(started).toEqual(["first"]);
  });
});
