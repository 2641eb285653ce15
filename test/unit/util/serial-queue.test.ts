import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Hold, serialQueue } from "../../../src/util/serial-queue.ts";

/** A hold that writes down when it begins and ends. */
function recorded(log: string[], lost?: AbortSignal): Hold {
  return async (act) => {
    log.push("hold");
    await act(lost);
    await delay(1);
    log.push("release");
  };
}

describe("inTurn", () => {
  it("runs acts one at a time under one hold, also those that come one after another", async () => {
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

  it("takes the hold again for what comes while it is given back", async () => {
    const log: string[] = [];
    const run = serialQueue(recorded(log));
    await run(async () => undefined);
    await delay(0);

    await run(async () => void log.push("late"));
    await delay(5);

    expect(log).toEqual(["hold", "release", "hold", "late", "release"]);
  });

  it("goes on after an act that fails", async () => {
    const run = serialQueue(recorded([]));
    const failed = run(() => Promise.reject(new Error("no")));
    const done = run(async () => undefined);

    await expect(failed).rejects.toThrow("no");
    await expect(done).resolves.toBeUndefined();
  });

  it("fails all that wait when it cannot be held", async () => {
    const run = serialQueue(() => Promise.reject(new Error("held by another")));
    const both = [run(async () => undefined), run(async () => undefined)];

    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("begins nothing more once the hold was lost, and does not count what ran meanwhile as done", async () => {
    const lost = new AbortController();
    const begun: string[] = [];
    const run = serialQueue((act) => act(lost.signal));
    const first = run(async () => {
      begun.push("first");
      lost.abort(new Error("lost"));
    });
    const second = run(async () => void begun.push("second"));

    await expect(first).rejects.toThrow("lost");
    await expect(second).rejects.toThrow("lost");
    expect(begun).toEqual(["first"]);
  });
});
