import { group, single } from "../model/section.ts";
import { bool, duration, int, object } from "../model/spec.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot */
export const raft = group("Raft storage", {
  autopilot: single({
    kind: "Raft autopilot",
    path: "sys/storage/raft/autopilot/configuration",
    spec: object("autopilot configuration", {
      cleanup_dead_servers: bool("remove dead members"),
      dead_server_last_contact_threshold: duration("how long without contact until a member is dead"),
      min_quorum: int("minimum number of members", { min: 0 }),
      last_contact_threshold: duration("how long without contact to the leader a member is healthy"),
      max_trailing_logs: int("maximum log entries behind the leader of a healthy member", { min: 0 }),
      server_stabilization_time: duration("how long a new member must be healthy before it can vote"),
      disable_upgrade_migration: bool("disable automated upgrades (Enterprise)"),
    }),
  }),
});
