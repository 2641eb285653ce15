import { describe, expect, it } from "vitest";
import { NotReadyError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/logger.ts";
import { createMetrics } from "../../../src/util/metrics.ts";
import { createNotifier } from "../../../src/watch/notify.ts";
import type { Observer } from "../../../src/watch/observer.ts";
import { emptyRound } from "../../helpers/round.ts";

const round = (clockMs: number) => emptyRound({ clockMs });

function fixture(observe: Observer["observe"], stop = new AbortController()) {
  const log: string[] = [];
  const bugs: unknown[] = [];
  const metrics = createMetrics();
  const notifier = createNotifier([{ name: "health", observe }], {
    log: createLogger({ level: "info", output: "json", color: false }, (line) => void log.push(line)),
    errors: metrics.counter("errors_total", "Errors."),
    stop: stop.signal,
    onBug: (error) => void bugs.push(error),
  });
  return { notifier, log, bugs, metrics, stop };
}

describe("an observer", () => {
  it("gets one round at a time, and of those that came meanwhile only the newest", async () => {
    const seen: number[] = [];
    const first = Promise.withResolvers<void>();
    const { notifier } = fixture(async ({ clockMs }) => {
      seen.push(clockMs);
      if (clockMs === 1) await first.promise;
    });
    for (const clockMs of [1, 2, 3, 4]) notifier.notify(round(clockMs));
    first.resolve();
    await notifier.idle();

    expect(seen).toEqual([1, 4]);
  });

  it("that fails is counted each time, and logged when its error changes and when it works again", async () => {
    const errors = ["denied", "denied", "no answer", ""];
    const { notifier, log, metrics } = fixture(async () => {
      const message = errors.shift();
      if (message) throw new NotReadyError(message);
    });
    for (const clockMs of [1, 2, 3, 4]) {
      notifier.notify(round(clockMs));
      await notifier.idle();
    }

    expect(log.map((line) => JSON.parse(line)).map(({ error, msg }) => error ?? msg)).toEqual([
      "denied",
      "no answer",
      "the observer works again",
    ]);
    expect(metrics.text()).toContain('errors_total{observer="health"} 3');
  });

  it("that throws anything but an expected error is a bug", async () => {
    const bug = new TypeError("undefined is not a function");
    const { notifier, bugs } = fixture(() => Promise.reject(bug));
    notifier.notify(round(1));
    await notifier.idle();

    expect(bugs).toEqual([bug]);
  });

  it("has a limit, which the end of the watch aborts", async () => {
    const { notifier, log, stop } = fixture(async (_, limit) => {
      await new Promise((_resolve, reject) =>
        limit.signal.addEventListener("abort", () => reject(new NotReadyError("cut"))),
      );
    });
    notifier.notify(round(1));
    expect(notifier.busyMs()).toBeGreaterThanOrEqual(0);
    stop.abort();
    await notifier.idle();

    expect(log).toEqual([]);
  });
});
