import { group, single } from "../model/section.ts";
import { bool, duration, int, object } from "../model/spec.ts";

/** @see https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot */
export const raft = group("Raft storage", {
  autopilot: single({
    kind: "Raft autopilot",
    path: "sys/storage/raft/autopilot/configuration",
    spec: object("how it looks after its members", {
      cleanup_dead_servers: bool("remove members that are gone"),
      dead_server_last_contact_threshold: duration("how long a member must be gone for that"),
      min_quorum: int("how many members must stay", { min: 0 }),
      last_contact_threshold: duration("how long without word from the leader a member counts as healthy"),
      max_trailing_logs: int("how many entries behind it counts as healthy", { min: 0 }),
      server_stabilization_time: duration("how long a new member must be healthy before it may vote"),
      disable_upgrade_migration: bool("do not move to a newer version by itself (Enterprise)"),
    }),
  }),
});
