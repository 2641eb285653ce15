import { describe, expect, it } from "vitest";
import { assess, type Finding, type Memory, withReported } from "../../../src/health/assess.ts";
import { roundAt } from "./rounds.ts";

const sealed: Finding = {
  reason: "MemberSealed",
  object: "pod/vault-1",
  message: "vault-1 is sealed",
  remedy: "Unseal it.",
  graceMs: 20_000,
};
const none: Memory = new Map();

/** Runs rounds one after another. @returns the problems of each, as reason and time */
function rounds(findings: readonly [seconds: number, found: readonly Finding[]][]): string[][] {
  let memory = none;
  return findings.map(([seconds, found]) => {
    const { problems, memory: next } = assess(found, roundAt(seconds), memory);
    memory = next;
    return problems.map(({ reason, since }) => `${reason} ${since}`);
  });
}

describe("a finding", () => {
  it("is a problem once it has lasted for its grace, since its first round", () => {
    expect(
      rounds([
        [0, []],
        [3, [sealed]],
        [22.9, [sealed]],
        [23, [sealed]],
        [40, [sealed]],
      ]),
    ).toEqual([[], [], [], ["MemberSealed 2026-11-29T12:00:03Z"], ["MemberSealed 2026-11-29T12:00:03Z"]]);
  });

  it("ends with the first round without it, and then has to last anew", () => {
    expect(
      rounds([
        [0, [sealed]],
        [20, [sealed]],
        [21, []],
        [22, [sealed]],
        [41, [sealed]],
        [42, [sealed]],
      ]),
    ).toEqual([[], ["MemberSealed 2026-11-29T12:00:00Z"], [], [], [], ["MemberSealed 2026-11-29T12:00:22Z"]]);
  });

  it("without a grace is a problem at once", () => {
    expect(rounds([[5, [{ ...sealed, graceMs: 0 }]]])).toEqual([["MemberSealed 2026-11-29T12:00:05Z"]]);
  });

  it("of another member does not shorten the grace", () => {
    expect(
      rounds([
        [0, [{ ...sealed, object: "pod/vault-2" }]],
        [25, [sealed]],
      ]),
    ).toEqual([[], []]);
  });

  it("lasts as long as the steady clock says, whatever the wall clock does", () => {
    const first = assess([sealed], roundAt(0), none);
    const jumped = { ...roundAt(1), at: new Date("2030-01-01T00:00:00Z") };

    expect(assess([sealed], jumped, first.memory).problems).toEqual([]);
    expect(assess([sealed], { ...roundAt(21), at: new Date(0) }, first.memory).problems).toHaveLength(1);
  });

  it("that began before it was seen keeps that time", () => {
    expect(rounds([[9, [{ ...sealed, graceMs: 0, since: "2026-11-29T11:59:00Z" }]]])).toEqual([
      ["MemberSealed 2026-11-29T11:59:00Z"],
    ]);
  });

  it("counts as pending during its grace", () => {
    expect(assess([sealed], roundAt(0), none).pending).toBe(true);
    expect(assess([{ ...sealed, graceMs: 0 }], roundAt(0), none).pending).toBe(false);
    expect(assess([], roundAt(0), none).pending).toBe(false);
  });
});

describe("a problem that an earlier watcher reported", () => {
  const reported = { ...sealed, since: "2026-11-29T11:00:00Z" };

  it("keeps its time, without a second grace", () => {
    const memory = withReported(none, [reported], 5_000);

    expect(assess([sealed], roundAt(0), memory).problems).toMatchObject([{ since: "2026-11-29T11:00:00Z" }]);
  });

  it("ends with a round that does not find it", () => {
    const memory = withReported(none, [reported], 5_000);

    expect(assess([], roundAt(0), memory).problems).toEqual([]);
  });
});
