import type { Peer } from "../connect/raft-peers.ts";
import type { Logger } from "../logger.ts";
import { assessPeers, isNamed, type Scale } from "./fate.ts";

/**
 * Warns of dead peers. Each is a voter that never answers, so fewer of the others may fail.
 * @param declared the peers that Git says to remove, of which it does not warn
 */
export function warnOfDeadPeers(
  log: Logger,
  scale: Scale,
  peers: readonly Peer[],
  declared: readonly string[] = [],
): void {
  const assessed = assessPeers(scale, peers);
  const dead = assessed.filter((peer) => peer.fate === "dead" && !declared.some((each) => isNamed(peer, each)));
  if (dead.length === 0) return;
  const names = dead.map(({ name }) => name);
  const voters = assessed.filter(({ voter }) => voter);
  const left = voters.filter(({ fate }) => fate !== "dead").length;
  const quorum = Math.floor(voters.length / 2) + 1;
  const warning =
    `their pods do not exist, and StatefulSet ${scale.statefulSet} has only ${scale.replicas} replicas. ` +
    `${left} of ${voters.length} voters are left, and a quorum needs ${quorum}${left === quorum ? ": no further member may fail" : ""}`;
  const todo =
    `If they will not come back, write recovery: {removePeers: [${names.join(", ")}]} into the desired state: configure then ` +
    "removes them from Raft. See docs/runbook.md.";
  log.warn({ peers: names, warning, todo }, "Raft has dead peers");
}

/** Reports declared peers that Raft does not have, usually because they were removed before. */
export function reportObsolete(log: Logger, obsolete: readonly string[]): void {
  if (obsolete.length === 0) return;
  log.info({ peers: obsolete }, "Raft has no such peers, so recovery.removePeers need not name them any more");
}
