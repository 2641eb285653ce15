import { withBringUp } from "../bring-up/context.ts";
import { join as joinMembers } from "../bring-up/join/run.ts";
import { ExitCode } from "../errors.ts";
import { type Command, clusterFlags } from "./command.ts";
import { printOutcome } from "./print-outcome.ts";

export const join: Command = {
  name: "join",
  hook: "join",
  describe: "Join uninitialised members to the Raft cluster and unseal them",
  flags: clusterFlags,
  async run(run) {
    printOutcome(run, "join", await withBringUp(run, {}, joinMembers));
    return ExitCode.done;
  },
};
