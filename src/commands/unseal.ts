import { unseal as unsealVault } from "../cluster/unseal.ts";
import { withBringUp } from "../cluster/with-bring-up.ts";
import { ExitCode } from "../errors.ts";
import { type Command, clusterFlags } from "../run.ts";
import { answer } from "./answer.ts";

export const unseal: Command = {
  name: "unseal",
  describe: "Open every sealed member with the keys in custody",
  flags: clusterFlags,
  async run(run) {
    answer(run, "unseal", await withBringUp(run, {}, unsealVault));
    return ExitCode.done;
  },
};
