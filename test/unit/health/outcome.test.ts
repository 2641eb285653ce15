import { describe, expect, it } from "vitest";
import { ExitCode } from "../../../src/errors.ts";
import { outcomeOf } from "../../../src/health/outcome.ts";
import { secret } from "../../../src/redact.ts";

const at = new Date("2026-11-29T12:00:00.900Z");
const timeoutMs = 120_000;

describe("the outcome of a run", () => {
  it("has its exit code and its time in whole seconds", () => {
    expect(outcomeOf({ exitCode: ExitCode.done }, at, timeoutMs)).toEqual({
      exitCode: 0,
      finishedAt: "2026-11-29T12:00:00Z",
    });
  });

  it.each([ExitCode.bug, ExitCode.notReady])(
    "with exit code %i says until when the next attempt may report",
    (exitCode) => {
      expect(outcomeOf({ exitCode }, at, timeoutMs).retryUntil).toBe("2026-11-29T12:03:30Z");
    },
  );

  it.each([ExitCode.config, ExitCode.refused, ExitCode.denied])("with exit code %i is final", (exitCode) => {
    expect(outcomeOf({ exitCode }, at, timeoutMs)).not.toHaveProperty("retryUntil");
  });

  it("has a message and a remedy of at most 300 characters each", () => {
    const note = { message: "m".repeat(301), remedy: "r".repeat(300) };

    const { message, remedy } = outcomeOf({ exitCode: ExitCode.refused, note }, at, timeoutMs);

    expect(message).toBe(`${"m".repeat(299)}…`);
    expect(remedy).toBe(note.remedy);
  });

  it("has its message in one line, as kubectl shows it", () => {
    const note = { message: "the configuration has 1 mistake:\n  policies.yaml:3: unknown key" };

    expect(outcomeOf({ exitCode: ExitCode.config, note }, at, timeoutMs).message).toBe(
      "the configuration has 1 mistake: policies.yaml:3: unknown key",
    );
  });

  it("shows no registered secret, not even one that the limit would cut in half", () => {
    const share = secret("c2hhcmUtb2YtYS1oZWFsdGgtdGVzdA==");
    const note = { message: `${"m".repeat(285)} ${share}`, remedy: share };

    const outcome = outcomeOf({ exitCode: ExitCode.refused, note }, at, timeoutMs);

    expect(outcome).toMatchObject({ message: expect.stringContaining("[redacted]"), remedy: "[redacted]" });
    expect(JSON.stringify(outcome)).not.toContain(share.slice(0, 8));
  });

  it("keeps its own words, also if one of them is a secret", () => {
    secret("differs");
    const note = { message: "Vault differs from Git", remedy: "See what differs." };

    expect(outcomeOf({ exitCode: ExitCode.refused, note }, at, timeoutMs)).toMatchObject(note);
  });
});
