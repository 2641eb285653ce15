import { describe, expect, it } from "vitest";
import { createWake } from "../../../src/util/wake.ts";

const never = new AbortController().signal;

async function took(act: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

describe("a pause", () => {
  it("ends by itself", async () => {
    expect(await took(() => createWake().pause(30, never))).toBeGreaterThanOrEqual(25);
  });

  it("ends when it is woken", async () => {
    const wake = createWake();
    setTimeout(wake.wake, 5);

    expect(await took(() => wake.pause(10_000, never))).toBeLessThan(5000);
  });

  it("ends at once after a wake that came while nobody waited, but only one pause does", async () => {
    const wake = createWake();
    wake.wake();
    wake.wake();

    expect(await took(() => wake.pause(10_000, never))).toBeLessThan(5000);
    expect(await took(() => wake.pause(30, never))).toBeGreaterThanOrEqual(25);
  });

  it("ends when the signal aborts, and at once when it has", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);

    expect(await took(() => createWake().pause(10_000, stop.signal))).toBeLessThan(5000);
    expect(await took(() => createWake().pause(10_000, stop.signal))).toBeLessThan(5000);
  });
});
