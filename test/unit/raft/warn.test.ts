import { describe, expect, it } from "vitest";
import { createLogger } from "../../../src/logger.ts";
import { warnOfDeadPeers } from "../../../src/raft/warn.ts";
import { peer, scaledDown } from "./states.ts";

/** The lines that a warning writes, parsed. */
function warnings(state: ReturnType<typeof scaledDown>, declared: readonly string[] = []): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = createLogger({ level: "info", output: "json", color: false }, (line) => lines.push(line));
  warnOfDeadPeers(log, state, state.peers, declared);
  return lines.map((line) => JSON.parse(line));
}

describe("a warning", () => {
  it("names the dead peers, the voters that are left, and the declaration that removes them", () => {
    expect(warnings(scaledDown(5, 3))).toEqual([
      expect.objectContaining({
        level: "warn",
        peers: ["vault-3", "vault-4"],
        warning:
          "their pods do not exist, and StatefulSet vault has only 3 replicas. 3 of 5 voters are left, and a quorum needs 3: no further member may fail",
        todo: expect.stringContaining("recovery: {removePeers: [vault-3, vault-4]}"),
      }),
    ]);
  });

  it("skips a dead peer that Git says to remove", () => {
    expect(warnings(scaledDown(5, 3), ["vault-3"])).toEqual([expect.objectContaining({ peers: ["vault-4"] })]);
  });

  it.each([
    ["every peer has a pod", scaledDown(3, 3)],
    ["a pod within the replicas is missing", { ...scaledDown(3, 3), pods: [] }],
    ["a pod beyond the replicas still exists", { ...scaledDown(2, 1), pods: [{ name: "vault-1", deleting: true }] }],
    ["a peer is no pod of the StatefulSet", { ...scaledDown(1, 1), peers: [peer("x", { address: "10.1.2.3:8201" })] }],
  ])("is not given when %s", (_, state) => {
    expect(warnings(state)).toEqual([]);
  });
});
