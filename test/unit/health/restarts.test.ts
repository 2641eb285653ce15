import { describe, expect, it } from "vitest";
import { noteStops, restartFindings, type Stops } from "../../../src/health/restarts.ts";
import { pods } from "../bring-up/states.ts";
import { members, roundAt } from "./rounds.ts";

/** Every ten seconds, vault-1 stops, and is unsealed again a second later. @returns what is found after that many stops */
function afterStops(count: number, everySeconds = 10): string[] {
  let stops: Stops = noteStops(new Map(), roundAt(0));
  for (let n = 1; n <= count; n++) {
    stops = noteStops(stops, roundAt(n * everySeconds, { members: members(pods.silent("vault-1")) }));
    stops = noteStops(stops, roundAt(n * everySeconds + 1));
  }
  return restartFindings(stops, roundAt(count * everySeconds + 1)).map(
    ({ reason, message }) => `${reason}: ${message}`,
  );
}

describe("a member that stops again and again", () => {
  it("is found, although it is unsealed again each time", () => {
    expect(afterStops(6)).toEqual(["MemberUnstable: vault-1 stopped 6 times within five minutes"]);
  });

  it("is not found after a few restarts, nor after many within hours", () => {
    expect(afterStops(5)).toEqual([]);
    expect(afterStops(20, 120)).toEqual([]);
  });

  it("is found by its new pod, also if no round saw it stopped", () => {
    let stops: Stops = new Map();
    for (let n = 0; n <= 6; n++) {
      const renewed = { ...pods.follower("vault-1"), uid: `uid-${n}` };
      stops = noteStops(stops, roundAt(n, { members: members(renewed) }));
    }

    expect(restartFindings(stops, roundAt(7))).toHaveLength(1);
  });
});
