import { describe, expect, it } from "vitest";
import { showHealth } from "../../../src/commands/show-health.ts";
import type { Health } from "../../../src/health/read.ts";

const finishedAt = "2026-11-29T12:00:00Z";
const well: Health = {
  hooks: { init: { exitCode: 0, finishedAt }, configure: { exitCode: 0, finishedAt } },
  drift: "none",
  problems: [],
  observedAt: "2026-11-29T12:01:00Z",
  upToDate: true,
};

describe("the table of status", () => {
  it("has the last run of each hook that has run", () => {
    expect(showHealth(well, false)).toBe(`
HOOK       EXIT CODE  ENDED                 MESSAGE
init       0          2026-11-29T12:00:00Z  -
configure  0          2026-11-29T12:00:00Z  -

drift: none; problems: 0; observed at 2026-11-29T12:01:00Z
`);
  });

  it("has why a hook failed, and what to do", () => {
    const init = { exitCode: 4, finishedAt, message: "the storage was lost", remedy: "Restore it." };

    expect(showHealth({ ...well, hooks: { init } }, false)).toContain(
      "init  4          2026-11-29T12:00:00Z  the storage was lost. Restore it.\n",
    );
  });

  it("has each problem, with its remedy", () => {
    const since = finishedAt;
    const sealed = { reason: "MemberSealed", object: "pod/vault-1", since, message: "sealed", remedy: "Unseal it." };

    expect(showHealth({ ...well, problems: [sealed] }, false)).toMatch(
      /problems: 1; .*\n\nPROBLEM .*\nMemberSealed {2}pod\/vault-1 {2}2026-11-29T12:00:00Z {2}sealed\. Unseal it\.\n$/,
    );
  });

  it.each([
    [finishedAt, "the watcher has reported nothing since 2026-11-29T12:00:00Z"],
    [undefined, "the watcher has reported nothing\n"],
  ])("says so if the watcher has reported nothing since %s", (observedAt, expected) => {
    const { observedAt: _observed, ...others } = well;
    const stale = observedAt === undefined ? others : { ...others, observedAt };

    expect(showHealth({ ...stale, upToDate: false }, false)).toContain(expected);
  });
});
